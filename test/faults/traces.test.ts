/** Only healed faults of kinds that heal leave a cluster as it was. */
import { expect, test } from 'vitest';
import type { FaultEvent } from '../../src/faults/timeline.ts';
import { Traces } from '../../src/faults/traces.ts';

const begun = (kind: string, fault = 'f'): FaultEvent => ({ type: 'fault-injecting', fault, kind });
const HEALED: FaultEvent = { type: 'fault-healed', fault: 'f' };
const failed = (step: 'inject' | 'probe' | 'heal'): FaultEvent => ({
  ...{ type: 'fault-failed', fault: 'f', step, message: 'no' },
});

test.each([
  ['nothing happened', [], true],
  ['a kill was healed', [begun('kill'), HEALED], true],
  ['a kill was not', [begun('kill')], false],
  ['another was', [begun('kill', 'g'), begun('pause'), HEALED], false],
  ['it could not be injected', [begun('kill'), failed('inject')], false],
  ['it could not be healed', [begun('kill'), failed('heal')], false],
  ['its effect was not seen, and it was healed', [begun('kill'), failed('probe'), HEALED], true],
  ['a disk was replaced', [begun('replace'), HEALED], false],
  ['power was lost', [begun('power-loss'), HEALED], false],
])('%s: %#', (_, events, healed) => {
  const traces = new Traces();
  for (const event of events as FaultEvent[]) traces.hear(event);
  expect(traces.healed).toBe(healed);
});
