/** A fault whose tools the images lack is told before the traffic starts. */
import { expect, test } from 'vitest';
import type { Executed } from '../../src/cluster/cluster.ts';
import { checkFaultTools } from '../../src/cluster/docker/fault-tools.ts';
import type { FaultSpec } from '../../src/scenario/scenario.ts';

const fault = (kind: FaultSpec['kind']): FaultSpec => ({ kind, name: 'boom' }) as FaultSpec;
const answering = (answer: () => Promise<Executed>) => {
  const asked: string[] = [];
  const exec = (where: string, [, , command]: readonly string[]): Promise<Executed> => {
    asked.push(`${where}: ${command}`);
    return answer();
  };
  return { exec, asked };
};

test('nothing is asked for faults that need nothing', async () => {
  const node = answering(async () => ({ exitCode: 127, output: '' }));
  await checkFaultTools(node, [fault('kill'), fault('oom'), fault('latency')]);
  expect(node.asked).toEqual([]);
});

test('tools that are there are enough', async () => {
  const node = answering(async () => ({ exitCode: 0, output: '' }));
  await checkFaultTools(node, [fault('drop'), fault('disk-readonly')]);
  expect(node.asked).toEqual([
    expect.stringMatching(/^pod: iptables .*statistic/),
    expect.stringMatching(/^node: command -v prlimit/),
  ]);
});

test.each([
  [
    'a tool is missing',
    async () => ({ exitCode: 1, output: '' }),
    /`command -v wc .*` failed with 1/,
  ],
  [
    'the kernel refuses',
    async () => ({ exitCode: 4, output: 'Permission denied' }),
    /Permission denied/,
  ],
  [
    'there is no shell',
    async () => {
      throw new Error('exec: "sh": executable file not found');
    },
    /executable file not found/,
  ],
])('%s', async (_, answer, message) => {
  const check = checkFaultTools(answering(answer), [fault('power-loss')]);
  await expect(check).rejects.toMatchObject({
    code: 'docker.tools',
    message: expect.stringMatching(message),
  });
});
