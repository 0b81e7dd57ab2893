/**
 * The keeper's process: raises the cluster it was ordered, writes down how it is, serves runs on a socket, and ends it
 * all when it is told to. When it dies, the provider's reaper ends what it raised.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTimeOf } from '../../host/identity.ts';
import { TEMPORARY_PREFIX } from '../../host/run-state.ts';
import { messageOf } from '../../lib/errors.ts';
import { providerOf } from '../choose-provider.ts';
import type { RunningCluster } from '../cluster.ts';
import { failureOf } from './channel.ts';
import type { KeeperNews, KeepOrder } from './keep-order.ts';
import { type Condition, Keeper, type Raising } from './keeper.ts';
import { type KeptState, writeKept } from './state.ts';
import { type RuntimeSettings, runtimeSettings, whatIsWrong } from './whole.ts';

// A terminal's signals are meant for whoever asked for the cluster.
process.on('SIGHUP', () => {});

const [order] = (await once(process, 'message')) as [KeepOrder];
const { host, name, folder, plan } = order;

/** stderr is the keeper's log. */
const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

/** Nobody listens any more once the cluster stood. `sent` is called in either case. */
function report(news: KeeperNews, sent = (): void => {}): void {
  if (process.connected) process.send?.(news, undefined, undefined, sent);
  else sent();
}

const temporary = mkdtempSync(join(tmpdir(), TEMPORARY_PREFIX));
const socket = join(temporary, 'keeper');
const since = new Date().toISOString();

let ending = false;
let latest: Condition = { phase: 'raising', run: null, uses: 0, bootstrap: [] };
function write(failure: string | null = null): void {
  if (ending) return; // Its folder is gone, or goes.
  const state: KeptState = {
    ...latest,
    ...{ name, socket, since, failure },
    keeper: { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' },
    version: host.version,
    provider: plan.scenario.cluster.provider as RunningCluster['provider'],
    cluster: plan.scenario.cluster,
    proxied: plan.proxied,
    drops: plan.scenario.faults.some(({ kind }) => kind === 'drop'),
  };
  writeKept(folder, state);
}
write();
report({ type: 'claimed' });

const provider = await providerOf(
  plan.scenario.cluster.provider as RunningCluster['provider'],
  host,
);
let raised = 0;
let asRaised: RuntimeSettings = new Map();
async function raise(context: Raising): Promise<RunningCluster> {
  const runId = `kept-${name}-${++raised}`;
  const cluster = await provider.start(plan, { ...context, runFolder: folder, runId });
  try {
    asRaised = await runtimeSettings(cluster);
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

const keeper = new Keeper({
  name,
  raise,
  whatIsWrong: (cluster, signal) => whatIsWrong(cluster, asRaised, signal),
  log,
  onProgress: (event) => report({ type: 'progress', event }),
  onChange: (condition) => {
    latest = condition;
    write();
  },
  onLost: (error) => giveUp(error),
});

const server = createServer((stream) => keeper.greet(stream));
server.listen(socket);

/** Why nobody can use it stays to be read. */
function giveUp(error: unknown): void {
  const failure = failureOf(error);
  log(`it could not be raised: ${failure.stack ?? failure.message}`);
  // The rest, such as a broker's last words, is in the log.
  write((messageOf(error).split('\n')[0] as string).replace(/:$/, ''));
  rmSync(temporary, { recursive: true, force: true });
  // A run that waits is told first.
  report({ type: 'failed', failure }, () => setImmediate(() => process.exit(1)));
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await keeper.end();
  rmSync(temporary, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
// Whoever ordered it gave up, or died.
const orphaned = (): void => void end();
process.once('disconnect', orphaned);
if (!process.connected) orphaned();

try {
  const { facts } = await keeper.ready;
  process.off('disconnect', orphaned);
  report({ type: 'ready', readyMs: facts.readyMs });
  log('it stands');
} catch (error) {
  if (!ending) giveUp(error);
}
