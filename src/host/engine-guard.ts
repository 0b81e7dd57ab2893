/**
 * What an engine does not do is an error that says so, whoever asked: every request of dockerode goes through one
 * method, which here gets a deadline and errors with the engine's own words, what was asked, and what to try.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { messageOf, OrdealError } from '../lib/errors.ts';

/** Code `docker.engine`. */
export class EngineError extends OrdealError {
  /** HTTP's; undefined when the engine did not answer. */
  readonly statusCode: number | undefined;
  /** What the engine said. */
  readonly words: string;

  constructor(
    message: string,
    given: { hint: string; cause: unknown; words: string; statusCode: number | undefined },
  ) {
    super('environment', 'docker.engine', message, given);
    this.statusCode = given.statusCode;
    this.words = given.words;
  }
}

/** What of docker-modem's `dial` is used here. */
type Request = {
  readonly method: string;
  readonly path: string;
  readonly options?: unknown;
  readonly abortSignal?: AbortSignal;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly openStdin?: boolean;
};
type Answer = (error: unknown, data: unknown) => void;
type Modem = { dial: (request: Request, answer: Answer) => void };

/** Of a request until its answer is there; of one that is answered by a stream, until that begins. */
const ANSWER_WITHIN_MS = 30_000;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/port is already allocated|address already in use/i, 'another program took a port; run again'],
  [/range of cpus/i, 'give brokers less: cluster.cpus in the scenario'],
  [
    /invalid reference format|lowercase/i,
    'names of images are lower case: see cluster.images, ORDEAL_KAFKA_IMAGE and ORDEAL_TOXIPROXY_IMAGE',
  ],
  [/no space left/i, "free space on the engine's disk; docker system df says what takes it"],
];
const AWAY =
  'see whether it still runs (ordeal doctor); ordeal clean removes what a run left there';

/** `withinMs`: for tests. Returns the engine itself. */
export function guarded(engine: Docker, withinMs = ANSWER_WITHIN_MS): Docker {
  const modem = engine.modem as Modem;
  const dial = modem.dial.bind(modem);
  modem.dial = (request, answer) => {
    const late = new AbortController();
    const limitMs = deadlineOf(request, withinMs);
    const signals = [late.signal, request.abortSignal].filter((signal) => signal !== undefined);
    const abortSignal = AbortSignal.any(signals);
    const answered = new Promise((resolve, reject) => {
      const settle: Answer = (error, data) => (error ? reject(error) : resolve(data));
      if (isStreamed(request)) return dial({ ...request, abortSignal }, settle);
      // The library would wait for ever for the rest of an answer that breaks off.
      dial({ ...request, abortSignal, isStream: true }, (error, data) => {
        if (error) reject(error);
        else bodyOf(data as Readable).then(resolve, reject);
      });
    });
    void untilLate(answered, late, limitMs).then(
      (data) => answer(null, data),
      (error: unknown) =>
        answer(explained(request, error, late.signal.aborted ? limitMs : null), null),
    );
  };
  return engine;
}

const isStreamed = ({ isStream, hijack, openStdin }: Request): boolean =>
  Boolean(isStream || hijack || openStdin);

/** As the library has it: what JSON says, else the bytes. */
async function bodyOf(stream: Readable): Promise<unknown> {
  const bytes = await buffer(stream);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return bytes;
  }
}

/** What comes too late is broken off. */
function untilLate<T>(work: Promise<T>, late: AbortController, limitMs: number | null): Promise<T> {
  if (limitMs === null) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late.abort();
      reject(late.signal.reason);
    }, limitMs);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Null for what takes as long as it takes: the end of a container, a pull, a build. */
function deadlineOf({ path, options }: Request, withinMs: number): number | null {
  if (/^\/(containers\/[^/]+\/wait|images\/create|build)\b/.test(path)) return null;
  const graceS = /\/stop\b/.test(path) ? Number((options as { t?: number })?.t ?? 0) : 0;
  return withinMs + graceS * 1000;
}

function explained({ method, path }: Request, cause: unknown, lateMs: number | null): EngineError {
  const { statusCode } = cause as { statusCode?: number };
  const words = messageOf(cause)
    .replace(/^\(HTTP code \d+\) [a-z ]+ - /, '')
    .trim();
  const asked = `${method} ${path.replace(/\?.*$/, '').replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12))}`;
  const given = { cause, words, statusCode };
  if (lateMs !== null) {
    const message = `the Docker engine did not answer ${asked} within ${lateMs / 1000} s`;
    return new EngineError(message, { ...given, hint: AWAY });
  }
  if (statusCode === undefined) {
    return new EngineError(`the Docker engine does not answer (${asked}: ${words})`, {
      ...given,
      hint: AWAY,
    });
  }
  const hint = HINTS.find(([pattern]) => pattern.test(words))?.[1];
  return new EngineError(`the Docker engine refused ${asked}: ${words}`, {
    ...given,
    hint: hint ?? 'ordeal doctor says what the engine can do',
  });
}
