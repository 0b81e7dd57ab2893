/** The expectation grammar and the metric table. */
import { describe, expect, test } from 'vitest';
import { formatValue, readExpectation } from '../../src/scenario/expectation.ts';
import { METRIC_NAMES, METRICS, percentileOf } from '../../src/scenario/metrics.ts';

describe('reads', () => {
  test.each([
    [
      'lost == 0',
      { metric: 'lost', of: null, window: { kind: 'default' }, comparison: '==', value: 0 },
    ],
    [
      'p99(ack) of checkout during steady < 250ms',
      {
        metric: 'p99(ack)',
        of: 'checkout',
        window: { kind: 'phase', phase: 'steady' },
        comparison: '<',
        value: 250,
      },
    ],
    ['p50(service) < 0.5ms', { metric: 'p50(service)', value: 0.5 }],
    [
      'max(ack) during slow-network<=1m',
      { window: { kind: 'during', fault: 'slow-network' }, comparison: '<=', value: 60_000 },
    ],
    [
      'recovery after leader-dies < 20s',
      { window: { kind: 'after', fault: 'leader-dies' }, value: 20_000 },
    ],
    ['  rate   >  4.9k/s ', { metric: 'rate', value: 4900 }],
    ['throughput >= 1MiB/s', { value: 1_048_576 }],
    ['errors <= 0.1%', { value: 0.001 }],
    ['acknowledged != 10k', { comparison: '!=', value: 10_000 }],
  ])('%s', (text, expected) => {
    const { result } = readExpectation(text);
    expect(result).toMatchObject({ ok: true, value: { text, ...expected } });
  });
});

describe('refuses', () => {
  test.each([
    ['', undefined, 'empty'],
    ['latency < 5ms', 0, 'no metric'],
    ['lost of a of b == 0', 10, 'cannot stand here'],
    ['lost during a after b == 0', 14, 'cannot stand here'],
    ['lost => 0', 5, 'not a comparison'],
    ['lost == ', 7, 'a value is missing'],
    ['recovery after x < 20', 19, 'needs a unit'],
    ['p99(ack)   <   fast', 15, 'a duration is'],
  ])('%j', (text, offset, message) => {
    const { result } = readExpectation(text);
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    expect(result.ok ? undefined : result.offset).toBe(offset);
  });
});

test('names in a wrong expectation are still known', () => {
  const { words } = readExpectation('p99(ack) of a during b < soon');
  expect(words).toEqual({
    metric: { text: 'p99(ack)', offset: 0 },
    of: { text: 'a', offset: 12 },
    window: { text: 'b', offset: 21 },
  });
});

test('the table holds every statistic of every latency', () => {
  expect(METRIC_NAMES.filter((name) => percentileOf(name) !== undefined)).toHaveLength(7 * 5);
  expect(METRICS['p99(e2e)']).toMatchObject({ unit: 'ms', of: 'consume', intended: true });
  expect(METRICS['p99(service)']).toMatchObject({ of: 'produce', intended: false });
});

test('values are written with their unit', () => {
  expect(formatValue('ms', 1500)).toBe('1s500ms');
  expect(formatValue('per-second', 5000)).toBe('5k/s');
  expect(formatValue('share', 0.001)).toBe('0.1%');
  expect(formatValue('count', 12)).toBe('12');
  expect(formatValue('bytes-per-second', 1024)).toBe('1KiB/s');
});
