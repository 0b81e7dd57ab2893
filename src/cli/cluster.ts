/** `ordeal cluster up|ls|down`: clusters that stay, for people who run one scenario after the other on them. */
import { styleText } from 'node:util';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { endKept } from '../cluster/kept/end.ts';
import { checkFree, keep } from '../cluster/kept/start-keeper.ts';
import {
  allKept,
  checkName,
  DEFAULT_NAME,
  findKept,
  isAlive,
  type Kept,
  type KeptState,
} from '../cluster/kept/state.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { formatAddress } from '../lib/address.ts';
import { environmentError, inputError } from '../lib/errors.ts';
import { planRun } from '../runner/plan.ts';
import { type LoadedScenario, loadScenario } from '../scenario/load-scenario.ts';
import { hostEnvironment } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { keptLines } from './kept-lines.ts';
import { print, tell } from './output.ts';
import { readScenario } from './scenario-file.ts';
import { tellProgress } from './view.ts';

type UpArguments = {
  readonly file: string | undefined;
  readonly name: string;
  readonly provider: string | undefined;
  readonly set: readonly string[];
};

/** Only its cluster matters: all defaults. */
const DEFAULT_SCENARIO = `
name: default
topics: { any: {} }
load: { any: { produce: any, rate: 1/s } }
`;

const up: CommandModule<object, UpArguments> = {
  command: 'up [file]',
  describe: 'Raise the cluster of a scenario, or a default one, and keep it running',
  builder: (yargs: Argv) =>
    yargs
      .positional('file', {
        type: 'string',
        describe: 'The scenario whose `cluster` is raised, with proxies where its faults need them',
      })
      .option('name', {
        type: 'string',
        requiresArg: true,
        default: DEFAULT_NAME,
        describe: 'What to call it, for --reuse and down',
      })
      .option('provider', {
        choices: ['auto', 'local', 'docker', 'external'],
        describe: 'What runs the brokers (default: what the scenario says); external is refused',
      })
      .option('set', {
        type: 'string',
        array: true,
        default: [] as string[],
        requiresArg: true,
        nargs: 1,
        describe: 'Override one value: --set cluster.brokers=1',
      }) as unknown as Argv<UpArguments>,
  handler: async (args: ArgumentsCamelCase<UpArguments>) => {
    const { name } = args;
    const host = hostEnvironment();
    checkFree(host, name);
    if (args.provider === 'external') throw isExternal();
    const loaded = readCluster(args);
    if (loaded.scenario.cluster.provider === 'external') throw isExternal();
    using interruption = onInterrupt('ending what was started');
    const { signal } = interruption;
    const options = { host, progress: tellProgress, signal };
    const file = args.file ?? DEFAULT_NAME;
    const plan = await planRun(loaded, {
      ...{ file, seed: 1, folder: 'reports', host },
      pull: options,
    });
    const why = plan.providerWhy === null ? '' : ` (${plan.providerWhy})`;
    tell(`${name}: ${plan.provider.name} cluster${why}`);
    const kept = await keep(name, plan, options).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      throw environmentError('kept.interrupted', 'no cluster is kept: interrupted', { cause });
    });
    for (const line of uses(kept.state, kept.readyMs, kept.folder, args.file)) print(line);
  },
};

const readCluster = ({ file, provider, set }: UpArguments): LoadedScenario =>
  file === undefined
    ? loadScenario(DEFAULT_SCENARIO, {
        file: 'the default cluster',
        set: [...set, ...(provider === undefined ? [] : [`cluster.provider=${provider}`])],
        env: process.env,
      })
    : readScenario(file, {
        ...{ set, provider, bootstrap: undefined },
        ...{ allowDestructive: false, keepTopics: false },
      });

const isExternal = (): Error =>
  inputError(
    'kept.external',
    'an external cluster is kept by those who run it',
    'run on it with: ordeal run FILE --bootstrap HOST:PORT,…; or choose --provider local or docker',
  );

function uses(
  { name, cluster, provider, bootstrap }: KeptState,
  readyMs: number,
  folder: string,
  file: string | undefined,
): readonly string[] {
  const given = name === DEFAULT_NAME ? '' : ` ${name}`;
  const count = `${cluster.brokers} ${cluster.brokers === 1 ? 'broker' : 'brokers'}`;
  return [
    `${name} is up: ${count}, Kafka ${cluster.kafka}, ${provider}, ready in ${(readyMs / 1000).toFixed(1)} s`,
    `  bootstrap  ${bootstrap.map(formatAddress).join(',')}`,
    `  use it     ordeal run ${file ?? 'FILE'} --reuse${given}`,
    `  end it     ordeal cluster down${given}`,
    `  logs       ${folder}`,
  ];
}

const ls: CommandModule = {
  command: 'ls',
  describe: 'List the clusters that are kept on this machine',
  handler: () => {
    const all = allKept(hostEnvironment());
    if (all.length === 0) tell('no cluster is kept; raise one: ordeal cluster up');
    else for (const line of keptLines(all, { nowMs: Date.now(), style: styleText })) print(line);
  },
};

type DownArguments = {
  readonly name: string | undefined;
  readonly all: boolean;
  readonly force: boolean;
};

const down: CommandModule<object, DownArguments> = {
  command: 'down [name]',
  describe: 'End a kept cluster, and remove everything of it',
  builder: (yargs: Argv) =>
    yargs
      .positional('name', { type: 'string', describe: `Which one (default: ${DEFAULT_NAME})` })
      .option('all', { type: 'boolean', default: false, describe: 'All of them' })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'Also when a run is using it; that run ends as unknown',
      }) as unknown as Argv<DownArguments>,
  handler: async ({ name, all, force }: ArgumentsCamelCase<DownArguments>) => {
    const host = hostEnvironment();
    if (all && name !== undefined) {
      throw inputError('usage', 'a name and --all were given', 'give one of them');
    }
    const ending = all ? allKept(host) : [named(host, name ?? DEFAULT_NAME)];
    if (ending.length === 0) tell('no cluster is kept');
    for (const kept of ending) {
      const was = isAlive(kept) ? 'ended' : 'was dead; removed what was left';
      await endKept(host, kept, { force });
      print(`${kept.name}: ${was}`);
    }
  },
};

function named(host: HostEnvironment, name: string): Kept {
  checkName(name);
  const kept = findKept(host, name);
  if (kept !== undefined) return kept;
  const others = allKept(host).map((one) => one.name);
  const hint =
    others.length === 0
      ? 'none is; raise one: ordeal cluster up'
      : `there is: ${others.join(', ')}`;
  throw inputError('kept.missing', `no cluster called ${name} is kept`, hint);
}

export const cluster: CommandModule = {
  command: 'cluster <verb>',
  describe: 'Keep a cluster for repeated runs (run --reuse): up, ls, down',
  builder: (yargs: Argv) =>
    yargs.command(up).command(ls).command(down).demandCommand(1, 'name a verb of `ordeal cluster`'),
  handler: () => {},
};
