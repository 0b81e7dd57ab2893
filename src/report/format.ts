/** Numbers as people read them. `null` is an en dash: there were no samples. */
import type { MetricUnit } from '../scenario/metrics.ts';

export const NONE = '–';

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

type Maybe = number | null | undefined;
const orNone = (value: Maybe, format: (value: number) => string): string =>
  value === null || value === undefined ? NONE : format(value);

export const count = (value: Maybe): string => orNone(value, (n) => grouped.format(n));

/** A count that only the audit can give. */
export const audited = (value: number | null): string =>
  value === null ? 'not audited' : count(value);

const digits = (value: number): string => {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

/** Milliseconds, as the unit that suits them: `0.84 ms`, `52.3 ms`, `9.41 s`. */
export const duration = (ms: Maybe): string =>
  orNone(ms, (value) => {
    if (Math.abs(value) < 1000) return value === 0 ? '0 ms' : `${digits(value)} ms`;
    if (Math.abs(value) < 120_000) return `${digits(value / 1000)} s`;
    return `${digits(value / 60_000)} min`;
  });

/** A moment in milliseconds from the start of `measure`: `15.0 s`, `-3.2 s`. */
export const moment = (ms: Maybe): string =>
  orNone(ms, (value) => `${(value / 1000).toFixed(1)} s`);

const PREFIXES = ['', 'k', 'M', 'G', 'T'] as const;

function scaled(value: number, unit: string): string {
  let rest = value;
  let prefix = 0;
  while (Math.abs(rest) >= 1000 && prefix < PREFIXES.length - 1) {
    rest /= 1000;
    prefix++;
  }
  return `${digits(rest)} ${PREFIXES[prefix]}${unit}`;
}

export const bytes = (value: Maybe): string => orNone(value, (n) => scaled(n, 'B'));
export const bytesPerSecond = (value: Maybe): string => orNone(value, (n) => scaled(n, 'B/s'));
export const perSecond = (value: Maybe): string =>
  orNone(value, (n) => `${n < 100 ? digits(n) : grouped.format(n)}/s`);
export const share = (value: Maybe): string => orNone(value, (n) => `${digits(n * 100)} %`);

const BY_UNIT: Readonly<Record<MetricUnit, (value: Maybe) => string>> = {
  count,
  ms: duration,
  'per-second': perSecond,
  'bytes-per-second': bytesPerSecond,
  share,
};

/** A value of the metric table in its unit. */
export const inUnit = (value: Maybe, unit: string): string =>
  (BY_UNIT[unit as MetricUnit] ?? count)(value);

/** `1 record`, `2 records`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
