/** The truth table: what is a failure, expected or impossible under which settings; and that the verdict follows it. */
import { describe, expect, test } from 'vitest';
import { measure } from '../../src/measure/measure.ts';
import { treatmentLines } from '../../src/report/treatments.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { isUndisturbed, treatmentOf, treatments } from '../../src/verify/guarantees.ts';
import type { AnomalyKind } from '../../src/verify/result.ts';
import { verify } from '../../src/verify/verdict.ts';
import { aScenario, killFault, produceLoad, RunBuilder } from '../fixtures/run-builder.ts';

type Settings = {
  readonly producer?: string;
  readonly topic?: string;
  readonly brokers?: string;
  readonly fault?: string;
  readonly transaction?: boolean;
  /** The group relays to a topic of its own. */
  readonly relay?: boolean;
};

const scenarioOf = ({
  producer = '',
  topic = '',
  brokers = '',
  fault = '',
  transaction = false,
  relay = false,
}: Settings): Scenario =>
  loadScenario(
    `# ?
name: x
cluster: { config: { min.insync.replicas: 2, ${brokers} } }
topics: { orders: { replicas: 3, config: { ${topic} } }, ${relay ? 'book: { replicas: 3 } ' : ''}}
load:
  l: { produce: orders, rate: 1/s, ${transaction ? 'transaction: { records: 10 }, ' : ''}config: { ${producer} } }
  g: { consume: orders${relay ? ', relay: { to: book, makes: copy }' : ''} }
${fault === '' ? '' : `faults: { f: { at: 1s, ${fault} } }`}
`,
    { file: 's', env: {} },
  ).scenario;

const KILL = 'kill: any broker, for: 5s';

const ONE_COPY = 'transaction.state.log.replication.factor: 1';
const DECIDES_ALONE = 'transaction.state.log.min.isr: 1';
const ONE_COMMIT = 'offsets.topic.replication.factor: 1';

/** Settings, kind, and what it is; each row differs from a neighbour by the one setting that decides. */
const ROWS: readonly (readonly [Settings, AnomalyKind, string])[] = [
  [{ producer: 'acks: all', fault: KILL }, 'acknowledged-loss', 'failure'],
  [{ producer: 'acks: 1', fault: KILL }, 'acknowledged-loss', 'expected'],
  [{ producer: 'acks: 1' }, 'acknowledged-loss', 'failure'],
  [{ producer: 'acks: 0', fault: KILL }, 'acknowledged-loss', 'impossible'],
  [{ topic: 'cleanup.policy: compact', fault: KILL }, 'acknowledged-loss', 'impossible'],
  [{ topic: 'min.insync.replicas: 1', fault: KILL }, 'acknowledged-loss', 'expected'],
  [{ producer: 'enable.idempotence: true' }, 'duplicate', 'failure'],
  [{ producer: 'enable.idempotence: false' }, 'duplicate', 'expected'],
  [{ fault: KILL }, 'read-then-lost', 'failure'],
  [{ topic: 'unclean.leader.election.enable: true' }, 'read-then-lost', 'expected'],
  [{ topic: 'unclean.leader.election.enable: true' }, 'truncation', 'expected'],
  [{ topic: 'unclean.leader.election.enable: true' }, 'backwards-delivery', 'expected'],
  [{ producer: 'acks: 1', fault: KILL }, 'offset-reuse', 'expected'],
  [{ producer: 'acks: 1', fault: KILL }, 'realtime-reorder', 'expected'],
  [{ fault: KILL }, 'realtime-reorder', 'failure'],
  [{ topic: 'cleanup.policy: compact' }, 'unexplained-gap', 'impossible'],
  [{ fault: KILL }, 'rewound-commit', 'failure'],
  [{ brokers: ONE_COMMIT, fault: KILL }, 'rewound-commit', 'expected'],
  [{ brokers: ONE_COMMIT }, 'rewound-commit', 'failure'],
  [{ fault: KILL }, 'leader-epoch-back', 'failure'],
  [{ fault: KILL }, 'two-owners', 'expected'],
  [{ fault: KILL }, 'compaction-loss', 'impossible'],
  [{ topic: 'cleanup.policy: compact', fault: KILL }, 'compaction-loss', 'failure'],
  [
    { topic: 'cleanup.policy: compact', producer: 'acks: 1', fault: KILL },
    'compaction-loss',
    'expected',
  ],
  [{}, 'retention-gap', 'expected'],
  [{}, 'premature-deletion', 'failure'],
  [{}, 'stuck-partition', 'failure'],
  [{ producer: 'acks: 0' }, 'stuck-partition', 'impossible'],
  [{ fault: KILL }, 'aborted-read', 'impossible'],
  [{ transaction: true, fault: KILL }, 'aborted-read', 'failure'],
  [{ transaction: true, fault: KILL }, 'torn-transaction', 'failure'],
  [
    { transaction: true, topic: 'min.insync.replicas: 1', fault: KILL },
    'torn-transaction',
    'expected',
  ],
  [{ transaction: true, topic: 'min.insync.replicas: 1' }, 'lost-transaction', 'failure'],
  [
    { transaction: true, topic: 'unclean.leader.election.enable: true', fault: KILL },
    'early-read',
    'expected',
  ],
  [{ fault: KILL }, 'hanging-transaction', 'impossible'],
  [{ transaction: true, fault: KILL }, 'hanging-transaction', 'failure'],
  ...(['torn-transaction', 'lost-transaction', 'hanging-transaction'] as const).flatMap(
    (kind): readonly (readonly [Settings, AnomalyKind, string])[] => [
      [{ transaction: true, brokers: ONE_COPY, fault: KILL }, kind, 'expected'],
      [{ transaction: true, brokers: DECIDES_ALONE, fault: KILL }, kind, 'expected'],
      [{ transaction: true, brokers: DECIDES_ALONE }, kind, 'failure'],
      [{ brokers: ONE_COPY, fault: KILL }, kind, 'impossible'],
    ],
  ),
  [{ relay: true, fault: KILL }, 'relay-loss', 'failure'],
  [{ relay: true, fault: KILL }, 'relay-duplicate', 'failure'],
  [{ relay: true, brokers: ONE_COPY, fault: KILL }, 'relay-loss', 'expected'],
  [{ relay: true, brokers: ONE_COPY }, 'relay-loss', 'failure'],
  [{ relay: true, brokers: ONE_COMMIT, fault: KILL }, 'relay-loss', 'failure'],
  [{ relay: true, brokers: ONE_COMMIT, fault: KILL }, 'relay-duplicate', 'expected'],
];

test.each(ROWS)('under %j %s is %s', (settings, kind, as) => {
  const scenario = scenarioOf(settings);
  const rows = treatments({ scenario, undisturbed: isUndisturbed(scenario, []) });
  expect(rows.filter((row) => row.kind === kind).map((row) => row.as)).toEqual([as]);
});

test('every kind of anomaly has its line, with a reason', () => {
  const scenario = scenarioOf({ fault: KILL });
  const rows = treatments({ scenario, undisturbed: false });
  for (const { why } of rows) expect(why.length).toBeGreaterThan(10);
  const lines = treatmentLines(rows);
  for (const { kind, about } of rows) {
    expect(lines.some((line) => line.includes(kind) && line.includes(` of ${about}`))).toBe(true);
  }
});

describe('the verdict follows the table', () => {
  const judged = (acks: string) => {
    using run = new RunBuilder(
      aScenario({ load: [produceLoad({ config: { acks } })], faults: [killFault()] }),
    );
    run.fault('leader-dies', 10, 20).second({ second: 11, offered: 1 });
    run.acked(0, 0, 9, 0).read(0, 0, 8, 0).audited(0, 8).audited(1, 0);
    const { scenario } = run;
    const evidence = run.finish();
    const [anomaly] = verify(scenario, evidence, measure(scenario, evidence)).delivery.anomalies;
    const about = { topic: 'orders', load: 'checkout' };
    const table = treatmentOf('acknowledged-loss', about, { scenario, undisturbed: false });
    return { anomaly, table };
  };

  test.each([
    ['all', 'failure', 'violation'],
    ['1', 'expected', 'expected'],
  ])('with acks=%s', (acks, as, judgement) => {
    const { anomaly, table } = judged(acks);
    expect(table.as).toBe(as);
    expect(anomaly).toMatchObject({ judgement, why: table.why });
  });
});
