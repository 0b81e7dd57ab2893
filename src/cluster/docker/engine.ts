/** Whether a Docker engine answers, and which. The docker provider is built on this. */
import Docker from 'dockerode';
import { within } from '../../lib/deadline.ts';
import { messageOf } from '../../lib/errors.ts';

export type EngineAnswer =
  | { readonly running: true; readonly version: string; readonly apiVersion: string }
  | { readonly running: false; readonly reason: string };

/** Asks the engine of DOCKER_HOST, or of the default socket; never takes longer than three seconds. */
export async function askEngine(): Promise<EngineAnswer> {
  try {
    const { Version, ApiVersion } = await within('the Docker engine', 3000, new Docker().version());
    return { running: true, version: Version, apiVersion: ApiVersion };
  } catch (error) {
    return { running: false, reason: messageOf(error) };
  }
}
