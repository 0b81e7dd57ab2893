/**
 * The follower of a run: a process of its own that reads the log beside the traffic. Nothing depends on it: when it
 * cannot start, fails or dies, the run goes on and says that nobody follows.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FollowPlan, FromFollower, ToFollower } from '../audit/follower/protocol.ts';
import type { RunningCluster } from '../cluster/cluster.ts';
import { pause } from '../lib/deadline.ts';
import type { KafkaNames } from '../scenario/kafka-names.ts';
import type { FaultSpec, Scenario } from '../scenario/scenario.ts';
import { topicSetting } from '../scenario/topic-setting.ts';
import type { Session } from './session.ts';

const NODE_FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=4'];
/** It may catch up with the end of the log. */
const STOP_MS = 6000;

const entryUrl = (): URL => {
  const extension = extname(fileURLToPath(import.meta.url));
  return new URL(`../audit/follower/follower-main${extension}`, import.meta.url);
};

export type Follower = AsyncDisposable & {
  /** Resolves when it has told all it knows, or was too slow to. */
  readonly stop: () => Promise<void>;
};

/** Follows from `from` (per place of the stream table) on; `entry` is another program for tests. */
export function startFollower(
  session: Session,
  cluster: Pick<RunningCluster, 'harness' | 'connection'>,
  { names, from }: { readonly names: KafkaNames; readonly from: readonly number[] },
  entry: URL = entryUrl(),
): Follower {
  const { scenario, streams, folder } = session.plan;
  const plan: FollowPlan = {
    ...{ names, from, streams, except: lawfullyOther(scenario), t0Ns: session.t0Ns },
    ...{ bootstrap: cluster.harness, connection: cluster.connection },
    ledgers: join(folder, 'ledger'),
    loads: scenario.load.flatMap(({ kind, name }) => (kind === 'produce' ? [name] : [])),
  };
  for (const topic of plan.except) {
    warn(session, `${topic} is not followed: records may lawfully leave it or be others`);
  }
  return new FollowerProcess(session, plan, entry);
}

class FollowerProcess implements Follower {
  readonly #session: Session;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #ending = false;

  constructor(session: Session, plan: FollowPlan, entry: URL) {
    this.#session = session;
    const log = openSync(join(session.plan.folder, 'logs', 'follower.log'), 'a');
    this.#child = fork(entry, [], { execArgv: NODE_FLAGS, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    this.#child.on('message', (message) => this.#hear(message as FromFollower));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#leave(`its process ended (${signal ?? `exit code ${code}`})`);
        resolve();
      });
      this.#child.once('error', (error) => {
        this.#leave(error.message);
        if (this.#child.pid === undefined) resolve();
      });
    });
    this.#send({ type: 'start', plan });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#send({ type: 'stop' });
    const late = new AbortController();
    const tooLong = pause(STOP_MS, late.signal).then(
      () => this.#leave('it was too slow to end'),
      () => {}, // It ended in time.
    );
    await Promise.race([this.#exited, tooLong]);
    late.abort();
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #hear(message: FromFollower): void {
    if (message.type === 'failed') this.#leave(message.message);
    else {
      // What comes last was told in time, and says that it ended by itself.
      if (message.event.type === 'follower-ended') this.#ending = true;
      this.#session.record(message.event);
    }
  }

  /** Said once. */
  #leave(why: string): void {
    if (this.#ending) return;
    this.#ending = true;
    warn(this.#session, `nobody follows the log any more: ${why}`);
  }

  #send(message: ToFollower): void {
    // An error here means that it is gone, which `exit` tells.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

const warn = (session: Session, message: string): void =>
  session.event({ type: 'warning', code: 'not-following', message });

/** Topics that are compacted now or later, or made anew. */
const lawfullyOther = (scenario: Scenario): readonly string[] =>
  Object.keys(scenario.topics).filter(
    (topic) =>
      (topicSetting(scenario, topic, 'cleanup.policy') ?? '').includes('compact') ||
      scenario.faults.some((fault) => changesLog(fault, topic)),
  );

/** By order of a fault: made anew, or compacted. */
function changesLog(fault: FaultSpec, topic: string): boolean {
  if (fault.kind === 'recreate-topic') return fault.where.topic === topic;
  if (fault.kind !== 'alter-config') return false;
  return Object.keys(fault.config).some((name) => name.endsWith('cleanup.policy'));
}
