/** The schema reads exactly what the program's types say, no more and no less. */
import { expectTypeOf, test } from 'vitest';
import type {
  BrokerWhere,
  ConsumeLoad,
  FaultKind,
  FaultSpec,
  LinkPattern,
  LoadSpec,
  ProduceLoad,
} from '../../src/scenario/scenario.ts';
import type { SurfaceFault } from '../../src/scenario/schema/fault.ts';
import type { SurfaceLoad } from '../../src/scenario/schema/load.ts';
import type { ProcessWhere } from '../../src/scenario/worker-fault.ts';

type Fault<K extends FaultKind> = Extract<FaultSpec, { kind: K }>;
type Read<K extends FaultKind> = Extract<SurfaceFault, { kind: K }>;

test('faults', () => {
  // Campaigns are drawn while the scenario is read.
  expectTypeOf<SurfaceFault['kind']>().toEqualTypeOf<FaultKind | 'random'>();
  expectTypeOf<Read<'kill'>['where']>().toEqualTypeOf<ProcessWhere>();
  expectTypeOf<Read<'stop'>['where']>().toEqualTypeOf<BrokerWhere>();
  expectTypeOf<Read<'latency'>['stream']>().toEqualTypeOf<Fault<'latency'>['stream']>();
  expectTypeOf<Fault<'partition'>['where']>().toEqualTypeOf<readonly LinkPattern[]>();
});

test('loads', () => {
  type Consume = Extract<SurfaceLoad, { kind: 'consume' }>;
  type Produce = Extract<SurfaceLoad, { kind: 'produce' }>;
  expectTypeOf<SurfaceLoad['kind']>().toEqualTypeOf<LoadSpec['kind']>();
  expectTypeOf<
    Exclude<keyof Consume, 'processing' | 'start'> | 'processingMs' | 'startMs' | 'name'
  >().toEqualTypeOf<keyof ConsumeLoad>();
  expectTypeOf<
    Exclude<keyof Produce, 'from' | 'stages' | 'after-giving-up'> | 'afterGivingUp' | 'name'
  >().toEqualTypeOf<keyof ProduceLoad>();
  expectTypeOf<Produce['client']>().toEqualTypeOf<ProduceLoad['client']>();
  expectTypeOf<Produce['sends']>().toEqualTypeOf<ProduceLoad['sends']>();
  expectTypeOf<Produce['arrival']>().toEqualTypeOf<ProduceLoad['arrival']>();
});
