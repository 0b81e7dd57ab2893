/** Values that can be read and cannot be meant: phases without end, records no broker takes, even quorums. */
import type { Path } from '../problem.ts';
import { formatSize } from '../units.ts';
import type { Report } from '../yaml/collect.ts';
import { type Draft, type DraftLoad, entriesOf } from '../yaml/draft.ts';

const LONGEST_PHASE_MS = 7 * 24 * 3_600_000;

export function checkBounds(draft: Draft, report: Report): void {
  for (const [phase, ms] of Object.entries(draft.phases ?? {})) {
    if (ms === undefined || ms <= LONGEST_PHASE_MS) continue;
    const message = `\`phases.${phase}\` is longer than any run can be`;
    report({ path: ['phases', phase], message, hint: 'at most 168h, which is 7 days' });
  }
  checkQuorum(draft, report);
  for (const [name, load] of entriesOf(draft.load)) {
    if (load.kind === 'produce') checkSizes(draft, ['load', name], load, report);
    else if (load.kind === 'consume') {
      checkProcessing(['load', name], load, report);
      checkStart(draft, ['load', name], load, report);
    }
  }
}

function checkStart(
  { phases }: Draft,
  path: Path,
  { start, config }: Consume,
  report: Report,
): void {
  if (start === undefined) return;
  const { warmup = 0, measure = Number.POSITIVE_INFINITY } = phases ?? {};
  const at = [...path, 'start'];
  if (start < -warmup) {
    const message = 'the group would begin before the traffic does';
    report({ path: at, message, hint: 'remove `start`, or make phases.warmup longer' });
  } else if (start >= measure) {
    const message = 'the group would begin when `measure` is over';
    report({ path: at, message, hint: 'begin earlier, or make phases.measure longer' });
  }
  if (config?.['auto.offset.reset'] === 'latest') {
    const message = 'a group that begins at the end of the log has no backlog to catch up with';
    report({ path: [...path, 'config', 'auto.offset.reset'], message, hint: 'remove it' });
  }
}

/** What a member has begun comes to its end before it leaves. */
const LONGEST_PROCESSING_MS = 2000;

type Consume = Extract<DraftLoad, { readonly kind?: 'consume' | undefined }>;

function checkProcessing(path: Path, { processing, relay }: Consume, report: Report): void {
  if (processing === undefined) return;
  const add = (message: string, hint: string): void =>
    report({ path: [...path, 'processing'], message, hint });
  if (processing > LONGEST_PROCESSING_MS) {
    add('nobody leaves a group in the middle of a record that takes so long', 'at most 2s');
  }
  if (relay !== undefined) {
    add(
      'a relay works on what it is handed as it is, and takes no `processing`',
      'remove one of `relay` and `processing`',
    );
  }
}

function checkQuorum({ cluster }: Draft, report: Report): void {
  const { controllers = 0, provider } = cluster ?? {};
  if (provider === 'external' || controllers === 0 || controllers % 2 === 1) return;
  report({
    path: ['cluster', 'controllers'],
    message: `${controllers} controllers bear the loss of no more of them than ${controllers - 1} do`,
    hint: `a quorum is a majority: write ${controllers - 1} or ${controllers + 1}`,
  });
}

/** What Kafka has by default: a mebibyte and the header of a record batch. */
const MESSAGE_MAX_BYTES = 1_048_588;
/** The header of a batch of one record, and the lengths and attributes in the record at their largest. */
const BATCH_BYTES = 61;
const RECORD_BYTES = 40;
/** Keys are the decimal text of numbers below a billion. */
const KEY_BYTES = 9;
const HEADER_BYTES = 10;

type Produce = Extract<DraftLoad, { readonly kind?: 'produce' | undefined }>;

function checkSizes(draft: Draft, path: Path, load: Produce, report: Report): void {
  const { most, setting } = largestMessage(draft, load.topic);
  // Brokers measure what arrives compressed.
  const shrinks = (load.config?.['compression.type'] ?? 'none') !== 'none';
  if (most === null || (shrinks && (load.compressibility ?? 0) > 0)) return;
  const room = most - overheadOf(load);
  const check = (bytes: number | undefined, place: Path): void => {
    if (bytes === undefined || bytes <= room) return;
    report({
      path: [...path, ...place],
      message: `a value of ${formatSize(bytes)} does not fit into the ${formatSize(most)} that a broker takes at once (${setting})`,
      hint: `at most ${Math.max(0, room)}B, or set max.message.bytes of the topic higher`,
    });
  };
  if (typeof load.size === 'number') check(load.size, ['size']);
  else for (const [i, { bytes }] of load.size?.entries() ?? []) check(bytes, ['size', i, 'bytes']);
}

/** `most` is null where the cluster's own settings decide, which are not known here. */
function largestMessage(
  { topics, cluster }: Draft,
  topic: string | undefined,
): { readonly most: number | null; readonly setting: string } {
  const own = topics?.[topic ?? '']?.config?.['max.message.bytes'];
  if (own !== undefined) return { most: wholeOrNull(own), setting: 'max.message.bytes' };
  if (cluster?.provider === 'external') return { most: null, setting: '' };
  const general = cluster?.config?.['message.max.bytes'];
  return general === undefined
    ? { most: MESSAGE_MAX_BYTES, setting: 'message.max.bytes, by default' }
    : { most: wholeOrNull(general), setting: 'message.max.bytes' };
}

const wholeOrNull = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);

const overheadOf = ({ headers = {} }: Produce): number =>
  Object.entries(headers).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + HEADER_BYTES,
    BATCH_BYTES + RECORD_BYTES + KEY_BYTES,
  );
