/** Slips of the hand in flags and values, and what they are answered. */
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { problemsOf } from './problems-of.ts';

const TEXT = `name: x
topics:
  orders: { partitions: 3, replicas: 3 }
load:
  checkout: { produce: orders, rate: 5k/s }
faults:
  leader-dies: { at: 1s, for: 5s, kill: broker 1 }
expect: [lost == 0]
`;

describe('--set', () => {
  test.each([
    ['load.chekout.rate=1/s', 'there is no `load.chekout`', 'did you mean `checkout`?'],
    ['load.chekout.rate=1', 'there is no `load.chekout`', 'did you mean `checkout`?'],
    [
      'faults.leader-deis.for=1s',
      'there is no `faults.leader-deis`',
      'did you mean `leader-dies`?',
    ],
    ['load.chekout.config.acks=1', 'there is no `load.chekout`', 'did you mean `checkout`?'],
  ])('%s is a slip', (setting, message, hint) => {
    const at = `--set ${setting.split('=')[0]}`;
    expect(problemsOf(TEXT, [setting])).toMatchObject([{ at, message, hint }]);
  });

  test('may add a load that is called nearly like another one', () => {
    const add = ['load.checkout2.produce=orders', 'load.checkout2.rate=1/s'];
    expect(problemsOf(TEXT, add)).toEqual([]);
  });
});

describe('what was written is shown in part when it is long', () => {
  const long = 'x'.repeat(5000);

  test.each([
    ['a value', [`cluster.brokers=${long}`]],
    ['a name', [`${long}=1`]],
    ['words', [`cluster.brokers=${'no number '.repeat(500)}`]],
    ['an expectation', [`expect.0=${long} == 0`]],
  ])('%s', (_, set) => {
    const problems = problemsOf(TEXT, set);
    expect(problems).not.toEqual([]);
    for (const { at, message, hint = '' } of problems) {
      expect(`${at}${message}${hint}`.length).toBeLessThan(1000);
      expect(message).toContain('…');
    }
  });

  test('and whole when it is not', () => {
    const name = 'x'.repeat(60);
    expect(problemsOf(TEXT, [`cluster.brokers=${name}`])[0]?.message).toContain(name);
  });
});

test('the hint about a secret can be followed inside braces', () => {
  const withPassword = (password: string): string =>
    TEXT.replace(
      'load:',
      `cluster: { provider: external, bootstrap: "a:1", connection: { security.protocol: SSL, ssl.key.password: ${password} } }\nload:`,
    );
  const [problem] = problemsOf(withPassword('hunter2'));
  expect(problem?.message).toContain('is a secret');
  const advised = /"[^"]+"/.exec(problem?.hint ?? '')?.[0] ?? '';
  const { scenario } = loadScenario(withPassword(advised), {
    file: 's.yaml',
    env: { NAME: 'hunter2' },
  });
  expect(scenario.cluster.connection['ssl.key.password']).toBe('hunter2');
});
