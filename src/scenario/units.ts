/**
 * Numbers with units, as people write them: `1m30s`, `16KiB`, `5k/s`, `50%`. A bare number where a unit belongs
 * is refused, because `30` means seconds to one reader and milliseconds to the next.
 */
import type { Tail } from './scenario.ts';

/** What a reader of text gives back: a value, or what is wrong with the text and how to write it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly message: string;
      readonly hint?: string | undefined;
      /** Characters into the text where the trouble starts. */
      readonly offset?: number | undefined;
    };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const refused = (message: string, hint?: string, offset?: number): Parsed<never> => ({
  ok: false,
  message,
  hint,
  offset,
});

const DURATIONS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const BINARY = { TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10 } as const;
const DECIMAL = { TB: 1e12, GB: 1e9, MB: 1e6, kB: 1e3 } as const;
const SIZES: Readonly<Record<string, number>> = { ...BINARY, ...DECIMAL, B: 1 };
const COUNTS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const BARE = new RegExp(`^${NUMBER}$`);
const DURATION = new RegExp(`^(?:${NUMBER}(?:ms|s|m|h))+$`);
const DURATION_PART = new RegExp(`(${NUMBER})(ms|s|m|h)`, 'g');
const SIZE = new RegExp(`^(${NUMBER}) ?([A-Za-z]+)$`);
const COUNT = new RegExp(`^(${NUMBER})([kMG]?)$`);
const SHARE = new RegExp(`^(${NUMBER}) ?%$`);

const found = (text: string): string => (text === '' ? 'found nothing' : `found \`${text}\``);

/** Removes the noise of binary fractions: 1.1 * 1000 is 1100.0000000000002. */
const exact = (value: number): number =>
  Number.isSafeInteger(value) ? value : Number(value.toPrecision(15));

/** Milliseconds; a fraction when the text asks for one, as `0.5ms`. */
export function parseDuration(text: string): Parsed<number> {
  if (BARE.test(text)) {
    return refused(`a duration needs a unit, ${found(text)}`, `write ${text}s or ${text}ms`);
  }
  if (!DURATION.test(text)) {
    return refused(
      `a duration is a number with ms, s, m or h, ${found(text)}`,
      durationHint(text) ?? 'write it as 250ms, 30s, 1m30s or 2h',
    );
  }
  let sum = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    const scale = DURATIONS[unit as keyof typeof DURATIONS];
    if (scale >= last) {
      return refused(
        `the units of a duration go from large to small, each once, ${found(text)}`,
        'write it as 1m30s',
      );
    }
    last = scale;
    sum += Number(amount) * scale;
  }
  return parsed(exact(sum));
}

function durationHint(text: string): string | undefined {
  const wordy = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)[a-z]*$/i.exec(text);
  return wordy === null ? undefined : `write ${wordy[1]}${wordy[2]?.toLowerCase()}`;
}

/** Text that reads back as the same duration, largest units first: 90000 is `1m30s`. */
export function formatDuration(ms: number): string {
  if (!Number.isInteger(ms)) return `${ms}ms`;
  let rest = ms;
  let text = '';
  for (const [unit, scale] of Object.entries(DURATIONS)) {
    const amount = Math.floor(rest / scale);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * scale;
  }
  return text === '' ? '0s' : text;
}

/** Whole bytes. `KiB` is 1024 bytes, `kB` is 1000. */
export function parseSize(text: string): Parsed<number> {
  if (BARE.test(text)) {
    return refused(`a size needs a unit, ${found(text)}`, `write ${text}B or ${text}KiB`);
  }
  const [, amount, unit = ''] = SIZE.exec(text) ?? [];
  const scale = SIZES[unit];
  if (amount === undefined || scale === undefined) {
    return refused(
      `a size is a number with B, kB, KiB, MB, MiB, GB or GiB, ${found(text)}`,
      sizeHint(amount, unit),
    );
  }
  const bytes = exact(Number(amount) * scale);
  return Number.isSafeInteger(bytes)
    ? parsed(bytes)
    : refused(`a size is a whole number of bytes, ${found(text)}`);
}

function sizeHint(amount: string | undefined, unit: string): string {
  const letter = /^([kmg])(?:i?b)?$/i.exec(unit)?.[1];
  if (amount === undefined || letter === undefined) return 'write it as 100B, 16KiB or 1MiB';
  const upper = letter.toUpperCase();
  const decimal = upper === 'K' ? 'k' : upper;
  return `write ${amount}${upper}iB (powers of 1024) or ${amount}${decimal}B (powers of 1000)`;
}

/** Text that reads back as the same size: 1048576 is `1MiB`, 1500 is `1500B`. */
export function formatSize(bytes: number): string {
  const fits = Object.entries({ ...BINARY, ...DECIMAL })
    .filter(([, scale]) => bytes >= scale && bytes % scale === 0)
    .sort(([, a], [, b]) => b - a)[0];
  return fits === undefined ? `${bytes}B` : `${bytes / fits[1]}${fits[0]}`;
}

/** A plain number of things, with `k`, `M` or `G` for thousands, millions and billions. */
export function parseCount(text: string): Parsed<number> {
  const [, amount, unit = ''] = COUNT.exec(text) ?? [];
  const scale = COUNTS[unit];
  return amount === undefined || scale === undefined
    ? refused(`expected a number, ${found(text)}`, 'write it as 500, 5k or 1.5M')
    : parsed(exact(Number(amount) * scale));
}

export function formatCount(count: number): string {
  const unit = (['G', 'M', 'k'] as const).find((name) => {
    const scaled = exact(count / (COUNTS[name] as number));
    return scaled >= 1 && Number.isInteger(exact(scaled * 10));
  });
  if (unit === undefined) return `${count}`;
  return `${exact(count / (COUNTS[unit] as number))}${unit}`;
}

/** Records per second: `5k/s`, `200/s`, `1.5M/s`. */
export function parseRate(text: string): Parsed<number> {
  const perSecond = text.endsWith('/s') ? parseCount(text.slice(0, -2)) : undefined;
  if (perSecond?.ok) return perSecond;
  const bare = COUNT.test(text);
  return refused(
    bare
      ? `a rate needs its unit, ${found(text)}`
      : `a rate is a number per second, ${found(text)}`,
    bare ? `write ${text}/s` : 'write it as 500/s, 5k/s or 1.5M/s',
  );
}

export const formatRate = (perSecond: number): string => `${formatCount(perSecond)}/s`;

/** Bytes per second: `1MiB/s`. */
export function parseByteRate(text: string): Parsed<number> {
  const size = text.endsWith('/s') ? parseSize(text.slice(0, -2)) : undefined;
  if (size?.ok) return size;
  const bare = parseSize(text).ok;
  return refused(
    `a bandwidth is a size per second, ${found(text)}`,
    bare ? `write ${text}/s` : 'write it as 512KiB/s or 1MiB/s',
  );
}

export const formatByteRate = (bytesPerSecond: number): string => `${formatSize(bytesPerSecond)}/s`;

/** A part of the whole as a number from 0 to 1: `50%` is 0.5. */
export function parseShare(text: string): Parsed<number> {
  const amount = SHARE.exec(text)?.[1];
  if (amount === undefined) {
    return refused(
      `a share is a percentage, ${found(text)}`,
      BARE.test(text) ? `write ${shareOf(text)}%` : 'write it as 50%',
    );
  }
  const share = exact(Number(amount) / 100);
  return share <= 1 ? parsed(share) : refused(`a share is at most 100%, ${found(text)}`);
}

const shareOf = (text: string): number =>
  Number(text) <= 1 ? exact(Number(text) * 100) : Number(text);

export const formatShare = (share: number): string => `${exact(share * 100)}%`;

/** How much of the end of a log, above zero: `1000 records`, `64KiB`. */
export function parseTail(text: string): Parsed<Tail> {
  const count = /^(.*\S) records?$/.exec(text)?.[1];
  const amount = count === undefined ? parseSize(text) : parseCount(count);
  if (!amount.ok) {
    return refused(
      `expected a number of records or a size, ${found(text)}`,
      BARE.test(text) ? `write ${text} records` : 'write it as 1000 records or 64KiB',
    );
  }
  const { value } = amount;
  if (value < 1 || !Number.isInteger(value)) return refused(`\`${text}\` loses nothing`);
  return parsed(
    count === undefined ? { kind: 'bytes', bytes: value } : { kind: 'records', records: value },
  );
}
