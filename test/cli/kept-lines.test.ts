/** The table of kept clusters: columns in line, states in words. */
import { expect, test } from 'vitest';
import { keptLines, keptNote } from '../../src/cli/kept-lines.ts';
import type { Kept, KeptState } from '../../src/cluster/kept/state.ts';
import { startTimeOf } from '../../src/host/identity.ts';

const SINCE = '2026-01-01T00:00:00.000Z';

function kept(name: string, changed: Partial<KeptState> = {}): Kept {
  const state = {
    ...{ name, provider: 'local', cluster: { brokers: 3, kafka: '4.3.1' }, since: SINCE, uses: 0 },
    keeper: { pid: process.pid, startedAt: startTimeOf(process.pid) },
    ...{ phase: 'free', run: null, failure: null },
    ...changed,
  };
  return { name, folder: '', state: state as KeptState };
}

const GONE = { keeper: { pid: process.pid, startedAt: 'before' } };

const ALL = [
  kept('default', { uses: 12 }),
  kept('lent', { phase: 'in use', run: 'leader-kill (process 4711)' }),
  kept('new', { phase: 'raising', run: 'steady (process 12)' }),
  kept('lost', { ...GONE, failure: 'no engine answers' }),
  kept('killed', GONE),
  { name: 'odd', folder: '', state: undefined },
];

test('every state is said, dead ones with the reason', () => {
  const nowMs = Date.parse(SINCE) + 90 * 60_000;
  expect(keptLines(ALL, { nowMs, style: (_, text) => text })).toEqual([
    'NAME     PROVIDER  BROKERS  KAFKA  AGE  RUNS  STATE',
    'default  local     3        4.3.1  1 h  12    free',
    'lent     local     3        4.3.1  1 h  0     in use by leader-kill (process 4711)',
    'new      local     3        4.3.1  1 h  0     raising, steady (process 12) waits',
    'lost     local     3        4.3.1  1 h  0     dead: no engine answers',
    'killed   local     3        4.3.1  1 h  0     dead: its keeper is gone',
    'odd      -         -        -      -    -     dead: its state is damaged',
  ]);
});

test('other verbs name the living ones only', () => {
  expect(keptNote(ALL)).toBe('default, lent, new');
  expect(keptNote([kept('killed', GONE)])).toBeUndefined();
});
