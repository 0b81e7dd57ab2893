/** Every kind of fault. A kind added to the scenario's union breaks the build until it stands here. */
import type { FaultKind, FaultSpec } from '../scenario/scenario.ts';
import { addPartitions } from './add-partitions.ts';
import { alterConfig } from './alter-config.ts';
import type { Arena, Fault, Injection } from './arena.ts';
import { bandwidth } from './bandwidth.ts';
import { blackhole } from './blackhole.ts';
import { cpu } from './cpu.ts';
import { deleteRecords } from './delete-records.ts';
import { disconnect } from './disconnect.ts';
import { diskFull } from './disk-full.ts';
import { diskReadonly } from './disk-readonly.ts';
import { drop } from './drop.ts';
import { elect } from './elect.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';
import { outOfMemory } from './out-of-memory.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { powerLoss } from './power-loss.ts';
import { reassign } from './reassign.ts';
import { rebalanceStorm } from './rebalance-storm.ts';
import { recreate } from './recreate.ts';
import { recreateTopic } from './recreate-topic.ts';
import { replace } from './replace.ts';
import { reset } from './reset.ts';
import { restart } from './restart.ts';
import { rollingRestart } from './rolling-restart.ts';
import { slow } from './slow.ts';
import { stop } from './stop.ts';

const FAULTS: { readonly [K in FaultKind]: Fault<Extract<FaultSpec, { kind: K }>> } = {
  kill,
  stop,
  pause,
  restart,
  'rolling-restart': rollingRestart,
  latency,
  bandwidth,
  reset,
  blackhole,
  partition,
  drop,
  recreate,
  replace,
  oom: outOfMemory,
  cpu,
  'disk-full': diskFull,
  'disk-readonly': diskReadonly,
  'power-loss': powerLoss,
  disconnect,
  elect,
  reassign,
  'add-partitions': addPartitions,
  'alter-config': alterConfig,
  'recreate-topic': recreateTopic,
  'delete-records': deleteRecords,
  slow,
  'rebalance-storm': rebalanceStorm,
};

export const inject = <S extends FaultSpec>(spec: S, arena: Arena): Promise<Injection> =>
  (FAULTS[spec.kind] as unknown as Fault<S>).inject(spec, arena);
