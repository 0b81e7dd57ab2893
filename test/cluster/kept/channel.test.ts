/** Calls over a real socket: answers, errors, aborts, and ends. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Channel, type Handler } from '../../../src/cluster/kept/channel.ts';
import { environmentError, OrdealError } from '../../../src/lib/errors.ts';
import { dial, listening } from './fake-cluster.ts';

async function pair(handlers: Readonly<Record<string, Handler>>) {
  const accepted: Socket[] = [];
  const told: unknown[] = [];
  const path = await listening((socket) => accepted.push(socket));
  const client = dial(path);
  await once(client, 'connect');
  await expect.poll(() => accepted.length).toBe(1);
  const socket = accepted[0] as Socket;
  const served = new Channel(socket, { handlerOf: (method) => handlers[method] });
  const channel = new Channel(client, { onTold: (what, value) => told.push([what, value]) });
  return { channel, served, socket, told };
}

test('calls are answered side by side, and what is told is heard', async () => {
  let finish = (): void => {};
  const { channel, served, told } = await pair({
    slow: () =>
      new Promise((resolve) => {
        finish = () => resolve('late');
      }),
    twice: async ([n]) => (n as number) * 2,
  });
  const slow = channel.call('slow');
  expect(await channel.call('twice', [21])).toBe(42);
  served.tell('news', { it: 'goes on' });
  finish();
  expect(await slow).toBe('late');
  expect(told).toEqual([['news', { it: 'goes on' }]]);
});

test('errors arrive as what they were', async () => {
  const { channel } = await pair({
    typed: async () => {
      throw environmentError('broker.died', 'it died', { hint: 'look' });
    },
    defect: async () => {
      throw new Error('a defect');
    },
  });
  const error = await channel.call('typed').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OrdealError);
  expect(error).toMatchObject({ kind: 'environment', code: 'broker.died', hint: 'look' });
  const defect = await channel.call('defect').catch((thrown: unknown) => thrown);
  expect(defect).not.toBeInstanceOf(OrdealError);
  expect((defect as Error).stack).toContain('channel.test.ts');
  await expect(channel.call('what')).rejects.toThrow('nobody answers what');
});

test.each([
  ['no JSON', '{"answer": 1\n'],
  ['no message', 'null\n'],
])('a line that is %s ends the channel, and calls under way fail clearly', async (_, line) => {
  const { channel, socket } = await pair({ wait: () => new Promise(() => {}) });
  const waiting = channel.call('wait');
  socket.write(line);
  await expect(waiting).rejects.toMatchObject({ code: 'kept.gone' });
  await channel.closed;
  await expect(channel.call('wait')).rejects.toMatchObject({ code: 'kept.gone' });
});
