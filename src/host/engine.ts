/** The Docker engine of this machine: which one answers, and how to talk to it. The one home of dockerode. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { within } from '../lib/deadline.ts';
import { environmentError, messageOf, OrdealError } from '../lib/errors.ts';
import { type EngineEndpoint, engineEndpoints } from './engine-endpoint.ts';
import { guarded } from './engine-guard.ts';
import type { HostEnvironment } from './environment.ts';

/** An open engine, as dockerode presents it. What `findEngine` gives throws `docker.engine`. */
export type Engine = Docker;

export type RunningEngine = {
  readonly running: true;
  /** `Docker`, `Podman`. */
  readonly product: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly endpoint: EngineEndpoint;
  readonly engine: Engine;
};

export type NoEngine = {
  readonly running: false;
  /** `engine.none`, `.permission`, `.silent`, `.old`, `.remote` or `.address`. */
  readonly code: string;
  readonly reason: string;
  readonly hint: string;
};

export type EngineAnswer = RunningEngine | NoEngine;

const OLDEST_API = '1.41';
const ANSWER_WITHIN_MS = 2500;
/** The question itself is given up a little later, so that silence is told from a closed connection. */
const GIVE_UP_MS = ANSWER_WITHIN_MS + 100;

const START_ONE =
  'start Docker 20.10+ or Podman 4+, or name one with DOCKER_HOST; --provider local needs none';

/** The first engine that answers and is new enough, or why there is none; takes three seconds at most. */
export async function findEngine(host: HostEnvironment): Promise<EngineAnswer> {
  let endpoints: readonly EngineEndpoint[];
  try {
    endpoints = engineEndpoints(host);
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return { running: false, code: error.code, reason: error.message, hint: error.hint ?? '' };
  }
  const answers = endpoints.map(ask);
  const refusals: Refusal[] = [];
  for (const answer of answers) {
    const said = await answer;
    if (said.running) return said;
    refusals.push(said);
  }
  return mostTelling(refusals);
}

/** Throws what `findEngine` says when none is running. */
export async function openEngine(host: HostEnvironment): Promise<RunningEngine> {
  const answer = await findEngine(host);
  if (answer.running) return answer;
  throw environmentError(answer.code, answer.reason, { hint: answer.hint });
}

/** Does not dial yet. Throws `engine.address` when its certificates cannot be read. */
export function connectEngine(endpoint: EngineEndpoint, timeoutMs?: number): Engine {
  // dockerode reads the environment itself; every name is given here, so that it decides nothing.
  const nothing = { host: undefined, port: undefined, socketPath: undefined, username: undefined };
  const timeout = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  if (endpoint.url.startsWith('unix://')) {
    const socketPath = endpoint.url.slice('unix://'.length);
    return new Docker({ ...nothing, ...noTls, ...timeout, protocol: 'http', socketPath });
  }
  const { hostname, port } = new URL(endpoint.url);
  const tls = certificatesOf(endpoint);
  const protocol = endpoint.certificates === null ? 'http' : 'https';
  const standardPort = protocol === 'https' ? 2376 : 2375;
  return new Docker({
    ...nothing,
    ...tls,
    ...timeout,
    protocol,
    host: hostname,
    port: port || standardPort,
  });
}

const noTls = { ca: undefined, cert: undefined, key: undefined };

function certificatesOf({ certificates, from }: EngineEndpoint) {
  if (certificates === null) return noTls;
  const read = (name: string): Buffer => readFileSync(join(certificates, name));
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (cause) {
    throw environmentError('engine.address', `${from}: ${messageOf(cause)}`, {
      hint: `an engine that speaks TLS needs ca.pem, cert.pem and key.pem in ${certificates}`,
      cause,
    });
  }
}

type Refusal = NoEngine & { readonly endpoint: EngineEndpoint };

async function ask(endpoint: EngineEndpoint): Promise<RunningEngine | Refusal> {
  try {
    const asking = connectEngine(endpoint, GIVE_UP_MS).version();
    const { Version, ApiVersion, Components } = await within('', ANSWER_WITHIN_MS, asking);
    if (!isRecent(ApiVersion)) return { ...old(endpoint, Version, ApiVersion), endpoint };
    const product = Components?.[0]?.Name.startsWith('Podman') ? 'Podman' : 'Docker';
    const engine = guarded(connectEngine(endpoint));
    return { running: true, product, version: Version, apiVersion: ApiVersion, endpoint, engine };
  } catch (error) {
    return { ...refusalOf(endpoint, error), endpoint };
  }
}

/** Compared number by number: 1.9 is older than 1.41. */
function isRecent(apiVersion: string | undefined): boolean {
  const [major = 0, minor = 0] = (apiVersion ?? '').split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_API.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

const old = ({ url }: EngineEndpoint, version: string, api: string | undefined): NoEngine =>
  api === undefined
    ? no('engine.none', `${url} answers, but not as a Docker engine does`, START_ONE)
    : no(
        'engine.old',
        `the Docker engine at ${url} (${version}) speaks API ${api}; ordeal needs ${OLDEST_API}`,
        'update it to Docker 20.10+ or Podman 4+',
      );

function refusalOf({ url, from }: EngineEndpoint, error: unknown): NoEngine {
  if (error instanceof OrdealError && error.code === 'deadline.passed') {
    const waited = `${ANSWER_WITHIN_MS / 1000} s`;
    const hint = 'see what it is doing, or restart it (systemctl restart docker)';
    return no('engine.silent', `the Docker engine at ${url} did not answer in ${waited}`, hint);
  }
  if (error instanceof OrdealError) return no(error.code, error.message, error.hint ?? '');
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') {
    const hint =
      'join its group (sudo usermod -aG docker $USER, then log in again), or use rootless Docker or Podman';
    return no('engine.permission', `no permission to use the Docker engine at ${url}`, hint);
  }
  return no(
    'engine.none',
    `no Docker engine answers at ${url} (${from}: ${messageOf(error)})`,
    START_ONE,
  );
}

const no = (code: string, reason: string, hint: string): NoEngine => ({
  running: false,
  code,
  reason,
  hint,
});

/** One that exists and may not be used says more than one that is not there. */
function mostTelling(refusals: readonly Refusal[]): NoEngine {
  const telling = refusals.find(({ code }) => code !== 'engine.none') ?? refusals[0];
  if (telling === undefined) return no('engine.none', 'no Docker engine answers', START_ONE);
  if (refusals.length === 1 || telling.code !== 'engine.none') {
    const { endpoint: _, ...answer } = telling;
    return answer;
  }
  const sockets = refusals.map(({ endpoint }) => endpoint.url.slice('unix://'.length));
  return no('engine.none', `no Docker engine answers at ${sockets.join(', ')}`, START_ONE);
}
