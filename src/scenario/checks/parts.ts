/** Checks between the parts of a scenario, except faults and expectations: topics, loads, controls, secrets. */

import type { Path } from '../problem.ts';
import { suggest } from '../suggest.ts';
import { formatSize } from '../units.ts';
import type { Report } from '../yaml/collect.ts';
import { type Draft, type DraftLoad, type DraftTopic, entriesOf } from '../yaml/draft.ts';
import { hasVariable } from '../yaml/interpolate.ts';
import { isPlainMap, type Plain, type TreeNode } from '../yaml/tree.ts';
import { checkConnection, isSecret } from './connection.ts';
import { checkRelay } from './relays.ts';

export function checkParts(draft: Draft, report: Report): void {
  checkCluster(draft, report);
  checkMemory(draft, report);
  checkTopics(draft, report);
  for (const [name, load] of entriesOf(draft.load)) checkLoad(draft, name, load, report);
  if (draft.load !== undefined && Object.keys(draft.load).length === 0) {
    report({
      path: ['load'],
      message: 'there is no load: nothing would be sent',
      hint: 'add a produce load',
    });
  }
  if ((draft.attempts ?? 1) > 1 && draft['must-find'] === undefined) {
    report({
      path: ['attempts'],
      message: '`attempts` repeats a run until `must-find` is found, and there is no `must-find`',
      hint: 'add must-find: acknowledged-loss, or use --repeat',
    });
  }
}

function checkCluster({ cluster }: Draft, report: Report): void {
  const { provider, bootstrap = [], connection } = cluster ?? {};
  const external = provider === 'external';
  if (external && bootstrap.length === 0) {
    report({
      path: ['cluster', 'provider'],
      message: 'an external cluster needs its bootstrap servers',
      hint: 'add cluster.bootstrap: HOST:PORT',
    });
  }
  if (provider !== undefined && !external && bootstrap.length > 0) {
    report({
      path: ['cluster', 'bootstrap'],
      message: `bootstrap servers belong to an external cluster, and the provider is ${provider}`,
      hint: 'set cluster.provider to external',
    });
  }
  if (provider !== undefined && !external && cluster?.['keep-topics']) {
    report({
      path: ['cluster', 'keep-topics'],
      message: `topics can be kept on an external cluster only, and the provider is ${provider}`,
      hint: 'the cluster itself goes when the run ends; remove keep-topics',
    });
  }
  if (connection !== undefined) for (const problem of checkConnection(connection)) report(problem);
}

function checkMemory({ cluster }: Draft, report: Report): void {
  const { heap, memory } = cluster ?? {};
  if (heap === undefined || memory === undefined || memory > heap) return;
  report({
    path: ['cluster', 'memory'],
    message: `${formatSize(memory)} of memory cannot hold a heap of ${formatSize(heap)}`,
    hint: 'a JVM needs about 256MiB beside its heap; give more memory, or set cluster.heap lower',
  });
}

function checkTopics({ topics, cluster }: Draft, report: Report): void {
  const { brokers, provider } = cluster ?? {};
  const seen = new Map<string, string>();
  for (const [name, topic] of entriesOf(topics)) {
    const { replicas, config } = topic;
    const path = ['topics', name];
    if (
      replicas !== undefined &&
      brokers !== undefined &&
      provider !== 'external' &&
      replicas > brokers
    ) {
      report({
        path: [...path, 'replicas'],
        message: `${replicas} replicas need ${replicas} brokers, and there are ${brokers}`,
      });
    }
    checkExisting(path, topic, provider, report);
    checkMinIsr(draftMinIsr(path, config, cluster?.config), name, replicas, report);
    // Kafka's metric names cannot tell `a.b` and `a_b` apart, so it refuses the second.
    const other = seen.get(name.replaceAll('.', '_'));
    if (other !== undefined) {
      report({
        path,
        message: `Kafka refuses \`${name}\` beside \`${other}\`: dot and underscore collide`,
      });
    }
    seen.set(name.replaceAll('.', '_'), name);
  }
  if (topics !== undefined && Object.keys(topics).length === 0) {
    report({
      path: ['topics'],
      message: 'there is no topic',
      hint: 'add one: orders: { partitions: 6, replicas: 3 }',
    });
  }
}

function checkExisting(
  path: Path,
  { existing, config }: DraftTopic,
  provider: string | undefined,
  report: Report,
): void {
  if (!existing) return;
  if (provider !== undefined && provider !== 'external') {
    report({
      path: [...path, 'existing'],
      message: `no topic exists yet on a cluster that ordeal starts, and the provider is ${provider}`,
      hint: 'remove `existing`, or set cluster.provider to external',
    });
  }
  const [setting] = Object.keys(config ?? {});
  if (setting === undefined) return;
  report({
    path: [...path, 'config', setting],
    message: 'the settings of a topic that exists already are not changed',
    hint: 'remove `config`: the run is judged by the settings the topic has',
  });
}

const MIN_ISR = 'min.insync.replicas';
type Settings = Readonly<Record<string, string>> | undefined;
type MinIsr = { readonly path: Path; readonly value: string } | undefined;

function draftMinIsr(path: Path, own: Settings, cluster: Settings): MinIsr {
  const mine = own?.[MIN_ISR];
  if (mine !== undefined) return { path: [...path, 'config', MIN_ISR], value: mine };
  const general = cluster?.[MIN_ISR];
  return general === undefined
    ? undefined
    : { path: ['cluster', 'config', MIN_ISR], value: general };
}

function checkMinIsr(
  setting: MinIsr,
  topic: string,
  replicas: number | undefined,
  report: Report,
): void {
  if (setting === undefined || replicas === undefined) return;
  if (!/^\d+$/.test(setting.value) || Number(setting.value) <= replicas) return;
  report({
    path: setting.path,
    message: `${MIN_ISR} is ${setting.value}, and topic \`${topic}\` has ${replicas} replicas`,
    hint: 'give the topic more replicas, or its own lower min.insync.replicas',
  });
}

function checkLoad(draft: Draft, name: string, load: DraftLoad, report: Report): void {
  const path = ['load', name];
  const topics = Object.keys(draft.topics ?? {});
  if (load.topic !== undefined && draft.topics !== undefined && !topics.includes(load.topic)) {
    report({
      path: [...path, 'topic'],
      message: `no topic is called \`${load.topic}\``,
      hint: suggest(load.topic, topics),
    });
  }
  const [clients, what] =
    load.kind === 'produce'
      ? [load.producers, 'producers']
      : [load.kind === 'consume' ? load.consumers : 1, 'consumers'];
  if (load.workers !== undefined && clients !== undefined && load.workers > clients) {
    report({
      path: [...path, 'workers'],
      message: `${load.workers} workers cannot share ${clients} ${what}`,
      hint: `at most one worker for each of the ${what}`,
    });
  }
  if (load.kind === 'produce') checkProduce(path, load, report);
  else if (load.kind === 'consume') checkRelay(draft, [...path, 'relay'], load, report);
}

type DraftProduce = Extract<DraftLoad, { readonly kind?: 'produce' | undefined }>;

function checkProduce(path: Path, load: DraftProduce, report: Report): void {
  const { rate, stages, from, keys, arrival } = load;
  if (from !== undefined && stages === undefined) {
    report({
      path: [...path, 'from'],
      message: '`from` is where stages start, and there are none',
      hint: 'add stages',
    });
  }
  if (stages?.length === 0) {
    report({
      path: [...path, 'stages'],
      message: 'stages are empty',
      hint: 'write [{ to: 20k/s, over: 30s }]',
    });
  }
  if (
    stages !== undefined &&
    stages.length > 0 &&
    (from ?? 0) === 0 &&
    stages.every((stage) => stage?.to === 0)
  ) {
    report({ path: [...path, 'stages'], message: 'every stage is 0/s: nothing would be sent' });
  }
  if (rate === 'max' && arrival === 'poisson') {
    report({
      path: [...path, 'arrival'],
      message: '`rate: max` has no arrivals to space',
      hint: 'remove arrival',
    });
  }
  if (Array.isArray(load.size) && load.size.length === 0) {
    report({
      path: [...path, 'size'],
      message: 'the list of sizes is empty',
      hint: 'write 1KiB, or [{ bytes: 1KiB, weight: 3 }]',
    });
  }
  if (typeof keys === 'object') checkKeys([...path, 'keys'], keys, report);
}

function checkKeys(
  path: Path,
  { uniform, zipf, exponent }: Exclude<NonNullable<DraftProduce['keys']>, string>,
  report: Report,
): void {
  if ((uniform === undefined) === (zipf === undefined)) {
    report({
      path,
      message: 'keys are either uniform or zipf',
      hint: 'write { uniform: 1000 } or { zipf: 1000, exponent: 0.99 }',
    });
  } else if (exponent !== undefined && zipf === undefined) {
    report({
      path: [...path, 'exponent'],
      message: 'an exponent belongs to zipf keys',
      hint: 'write { zipf: 1000, exponent: 0.99 }',
    });
  }
}

/** Which of `rate` and `stages` a produce load has; asked of what was written, so that a bad rate is not a missing one. */
export function checkRates(loads: Plain | undefined, report: Report): void {
  if (!isPlainMap(loads)) return;
  for (const [name, load] of Object.entries(loads)) {
    if (!isPlainMap(load) || load['kind'] !== 'produce') continue;
    const path = ['load', name];
    const [rated, staged] = [Object.hasOwn(load, 'rate'), Object.hasOwn(load, 'stages')];
    if (rated && staged) {
      report({
        path: [...path, 'stages'],
        onKey: true,
        message: '`rate` and `stages` both say how much to send',
        hint: 'keep one of them',
      });
    }
    if (!rated && !staged) {
      report({
        path,
        message: `\`load.${name}.rate\` is missing`,
        hint: 'write rate: 5k/s, rate: max, or stages',
      });
    }
  }
}

/** Refuses secrets that stand in the file: everything a run used is stored beside its results. */
export function checkSecrets(node: TreeNode, report: Report, path: Path = []): void {
  if (node.kind === 'list') {
    node.items.forEach((item, index) => {
      checkSecrets(item, report, [...path, index]);
    });
  }
  if (node.kind !== 'map') return;
  for (const [key, { value }] of node.entries) {
    const inside = [...path, key];
    const secret = path.at(-1) === 'connection' || path.at(-1) === 'config';
    if (
      secret &&
      isSecret(key) &&
      value.kind === 'scalar' &&
      value.raw !== '' &&
      !hasVariable(value.raw)
    ) {
      report({
        path: inside,
        message: `\`${key}\` is a secret and stands in the scenario`,
        hint: `write "\${NAME}", in quotes where it stands inside { … }, and set NAME in the environment`,
      });
    } else {
      checkSecrets(value, report, inside);
    }
  }
}
