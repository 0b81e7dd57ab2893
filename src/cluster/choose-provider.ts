/**
 * Which provider runs a scenario's cluster. `auto` takes docker where an engine answers and has Kafka's image, or
 * may pull it; else local. What the choice needs to know is looked up only for `auto`.
 */
import type { HostEnvironment } from '../host/environment.ts';
import { messageOf, OrdealError } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import type { ProviderName, Scenario } from '../scenario/scenario.ts';
import type { ClusterProvider } from './cluster.ts';

export type Choice = {
  readonly name: Exclude<ProviderName, 'auto'>;
  /** Why `auto` became this one; null when the scenario named it. */
  readonly why: string | null;
};

/** Missing images are pulled when this is given, and otherwise taken to be pullable. */
export type Pull = { readonly progress: Progress; readonly signal: AbortSignal };

export async function chooseProvider(
  scenario: Scenario,
  host: HostEnvironment,
  pull?: Pull,
): Promise<Choice> {
  const { provider } = scenario.cluster;
  if (provider !== 'auto') return { name: provider, why: null };
  // Loaded only now: bad input is answered faster without the engine's library.
  const { findEngine } = await import('../host/engine.ts');
  const found = await findEngine(host);
  if (!found.running) return { name: 'local', why: found.reason };
  const answers = `${found.product} ${found.version} answers`;
  try {
    const { imagesFor } = await import('./docker/images.ts');
    const missing = await imagesFor(found.engine, scenario, host, pull);
    if (missing.length === 0) return { name: 'docker', why: answers };
    return { name: 'docker', why: `${answers}; ${missing.join(' and ')} will be pulled` };
  } catch (error) {
    if (!(error instanceof OrdealError) || pull?.signal.aborted) throw error;
    return { name: 'local', why: `${answers}, but ${messageOf(error)}` };
  }
}

export async function providerOf(
  name: Choice['name'],
  host: HostEnvironment,
): Promise<ClusterProvider> {
  switch (name) {
    case 'local':
      return (await import('./local/provider.ts')).localProvider(host);
    case 'docker':
      return (await import('./docker/provider.ts')).dockerProvider(host);
    case 'external':
      return (await import('./external/provider.ts')).externalProvider(host);
  }
}
