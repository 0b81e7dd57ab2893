/**
 * An OpenMessaging Benchmark workload and its Kafka driver → the text of a scenario that sends the same traffic. What
 * a scenario cannot say is an error, and what differs a little stands as a comment at its head.
 */
import { basename } from 'node:path';
import { ScenarioError } from '../../scenario/load-scenario.ts';
import { formatRate, formatShare, formatSize } from '../../scenario/units.ts';
import { type Honoured, type OmbDriver, readDriver } from './driver.ts';
import { type OmbWorkload, readWorkload } from './workload.ts';

export type OmbSource = { readonly file: string; readonly text: string };

/** How many keys OMB's distributors have. */
const KEYS = 10_000;

/** Throws ScenarioError with every problem of both files. */
export function importOmb(
  source: { readonly workload: OmbSource; readonly driver: OmbSource },
  honoured: Honoured,
): string {
  const { omb, workload } = readWorkload(source.workload.file, source.workload.text);
  const { omb: ombDriver, driver } = readDriver(source.driver.file, source.driver.text, honoured);
  if (workload.compressibility === null && driver.compresses && omb.text('payloadFile')) {
    omb.refuse('payloadFile', {
      message: 'how well the bytes of a payload file compress is not known to a scenario',
      hint: 'use useRandomizedPayloads with a randomBytesRatio, or no compression.type',
    });
  }
  const problems = [...omb.problems, ...ombDriver.problems];
  if (problems.length > 0) throw new ScenarioError(problems);
  const title = workload.name ?? basename(source.workload.file).replace(/\.ya?ml$/, '');
  return [
    ...head(title, source, [...workload.notes, ...driver.notes, ...clusterNotes(driver)]),
    `name: ${slug(title)}`,
    `cluster: { brokers: ${brokersOf(driver)} }`,
    'topics:',
    ...numbered(workload.topics).map((topic) => `  ${topic}: ${topicOf(workload, driver)}`),
    'load:',
    ...numbered(workload.topics).flatMap((topic) => loadsOf(topic, workload, driver)),
    `phases: { warmup: ${minutes(workload.warmupMinutes)}, measure: ${minutes(workload.measureMinutes)}, drain: 60s }`,
    '',
  ].join('\n');
}

const brokersOf = ({ replicas }: OmbDriver): number => Math.max(3, replicas);
const minutes = (count: number): string => (count === 0 ? '0s' : `${count}m`);
const numbered = (topics: number): string[] =>
  Array.from({ length: topics }, (_, index) => `test-topic-${index + 1}`);

function clusterNotes(driver: OmbDriver): readonly string[] {
  const raised = `the scenario raises ${brokersOf(driver)} brokers of its own;`;
  const there = `OMB used ${driver.bootstrap}: to run there, add --bootstrap ${driver.bootstrap}.`;
  return driver.bootstrap === undefined ? [] : [`${raised} ${there}`];
}

function head(
  title: string,
  { workload, driver }: { readonly workload: OmbSource; readonly driver: OmbSource },
  notes: readonly string[],
): readonly string[] {
  const from = `Made by ordeal import omb of ${basename(workload.file)} and ${basename(driver.file)}.`;
  const different = notes.length === 0 ? [] : ['What differs from OMB:'];
  const lines = [title, from, ...different, ...[...new Set(notes)].map((note) => `- ${note}`)];
  // A name may have been written over several lines; a comment may not.
  return lines.map((line) => `# ${line.replace(/\s+/g, ' ').trim()}`);
}

/** A name as scenarios have them. */
function slug(title: string): string {
  const plain = title.toLowerCase().replace(/[^a-z0-9._]+/g, '-');
  return plain.slice(0, 64).replace(/^[^a-z0-9]+|-+$/g, '') || 'omb';
}

const quoted = (entries: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(entries)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ')} }`;

const configOf = (config: Readonly<Record<string, string>>): Record<string, string> =>
  Object.keys(config).length === 0 ? {} : { config: quoted(config) };

const flow = (entries: Readonly<Record<string, string | number>>): string =>
  `{ ${Object.entries(entries)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} }`;

const topicOf = ({ partitions }: OmbWorkload, { replicas, topic }: OmbDriver): string =>
  flow({ partitions, replicas, ...configOf(topic) });

function loadsOf(topic: string, workload: OmbWorkload, driver: OmbDriver): readonly string[] {
  const { client } = driver;
  const produce = flow({
    produce: topic,
    client,
    producers: workload.producers,
    rate: formatRate(workload.perSecond / workload.topics),
    size: formatSize(workload.sizeBytes),
    ...(workload.keyed ? { keys: `{ uniform: ${KEYS} }` } : {}),
    ...(workload.compressibility ? { compressibility: formatShare(workload.compressibility) } : {}),
    ...configOf(driver.producer),
  });
  const groups = workload.consumers === 0 ? 0 : workload.subscriptions;
  const consume = flow({
    consume: topic,
    client,
    consumers: workload.consumers,
    ...configOf(driver.consumer),
  });
  const names = Array.from({ length: groups }, (_, index) => `${topic}-sub-${index + 1}`);
  return [`  ${topic}-send: ${produce}`, ...names.map((name) => `  ${name}: ${consume}`)];
}
