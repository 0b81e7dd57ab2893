/** The parts of the kafkajs adapter that judge: outcomes, and what its sockets say. */
import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { errorCodeOf, outcomeOf } from '../../src/clients/kafkajs/outcome.ts';
import { producedPartitions } from '../../src/clients/kafkajs/produce-frame.ts';
import { loadClient } from '../../src/clients/registry.ts';

describe('outcomes', () => {
  test.each([
    ['never transmitted', -2, 0, 'failed'],
    ['never transmitted, whatever the code', 7, 0, 'failed'],
    ['refused before appending, first attempt', 10, 1, 'failed'],
    ['not enough replicas, first attempt', 19, 1, 'failed'],
    ['refused, but an earlier attempt may have got through', 10, 2, 'unknown'],
    ['not enough replicas after append', 20, 1, 'unknown'],
    ['not leader', 6, 1, 'unknown'],
    ['request timed out', 7, 1, 'unknown'],
    ['metadata that knows no such topic', 3, 1, 'unknown'],
    ['metadata that may not be seen', 29, 1, 'unknown'],
    ['connection lost', -2, 1, 'unknown'],
    ['unknown server error', -1, 1, 'unknown'],
  ] as const)('%s', (_, code, transmissions, expected) => {
    expect(outcomeOf(code, transmissions, true)).toBe(expected);
  });

  test('an error that may be of another partition says nothing of this one', () => {
    expect(outcomeOf(19, 1, false)).toBe('unknown');
    expect(outcomeOf(19, 0, false)).toBe('failed');
  });

  test("Kafka's code is found behind kafkajs's wrappings, the system's is not taken for it", () => {
    const refused = Object.assign(new Error('too large'), { code: 10 });
    const system = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    expect(errorCodeOf(new Error('retries exceeded', { cause: refused }))).toBe(10);
    expect(errorCodeOf(new Error('retries exceeded', { cause: system }))).toBe(-2);
    expect(errorCodeOf('not even an error')).toBe(-2);
  });
});

describe('partitions of a request', () => {
  const string = (text: string | null): Buffer => {
    if (text === null) return Buffer.from([0xff, 0xff]);
    const head = Buffer.alloc(2);
    head.writeInt16BE(Buffer.byteLength(text));
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const int32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const request = (apiKey: number, topics: [string, number[]][]): Buffer => {
    const body = Buffer.concat([
      Buffer.from([0, apiKey, 0, 7, 0, 0, 0, 1]),
      string('client'),
      string(null),
      Buffer.from([0xff, 0xff, 0, 0, 0, 1]),
      int32(topics.length),
      ...topics.flatMap(([topic, partitions]) => [
        string(topic),
        int32(partitions.length),
        ...partitions.flatMap((partition) => [int32(partition), int32(5), Buffer.from('bytes')]),
      ]),
    ]);
    return Buffer.concat([int32(body.length), body]);
  };

  test.each([
    ['one', request(0, [['orders', [4]]]), [4]],
    [
      'several topics',
      request(0, [
        ['other', [1]],
        ['orders', [2, 0]],
      ]),
      [2, 0],
    ],
    ['another topic', request(0, [['other', [1]]]), []],
    ['another request', request(1, [['orders', [1]]]), []],
  ] as const)('%s', (_, bytes, expected) => {
    expect(producedPartitions(bytes, 'orders')).toEqual(expected);
  });
});

test('loading the library gives kafkajs every codec', async () => {
  await loadClient('kafkajs');
  const data = Buffer.from('codec '.repeat(100));
  for (const id of [1, 2, 3, 4]) {
    const codec = (kafkajs.CompressionCodecs as Record<number, () => Codec>)[id]?.() as Codec;
    const packed = await codec.compress({ buffer: data });
    expect(packed.length).toBeLessThan(data.length);
    expect(Buffer.from(await codec.decompress(packed))).toEqual(data);
  }
});

type Codec = {
  compress: (encoder: { buffer: Buffer }) => Promise<Buffer>;
  decompress: (data: Buffer) => Promise<Buffer>;
};
