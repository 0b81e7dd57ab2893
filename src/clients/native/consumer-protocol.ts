/** What the members of a consumer group tell each other through its coordinator: subscriptions and assignments. */

import { Reader } from '../../wire/reader.ts';
import {
  array,
  int16,
  int32,
  nullableBytes,
  string,
  struct,
  type Type,
} from '../../wire/schema.ts';
import { Writer } from '../../wire/writer.ts';

export const PROTOCOL_TYPE = 'consumer';

/** Newer versions only add to the end, so the oldest is understood by everybody. */
const VERSION = 0;

const subscription = struct({ version: int16, topics: array(string), userData: nullableBytes });
const assignment = struct({
  version: int16,
  topics: array(struct({ topic: string, partitions: array(int32) })),
  userData: nullableBytes,
});

export type TopicPartitions = { readonly topic: string; readonly partitions: readonly number[] };

export const encodeSubscription = (topics: readonly string[]): Buffer =>
  encode(subscription, { version: VERSION, topics, userData: null });

/** The topics. Throws ProtocolError. */
export const decodeSubscription = (bytes: Buffer): readonly string[] =>
  subscription.read(new Reader(bytes)).topics;

export const encodeAssignment = (topics: readonly TopicPartitions[]): Buffer =>
  encode(assignment, { version: VERSION, topics, userData: null });

/** Throws ProtocolError. Who is assigned nothing may be told so by no bytes at all. */
export const decodeAssignment = (bytes: Buffer): readonly TopicPartitions[] =>
  bytes.length === 0 ? [] : assignment.read(new Reader(bytes)).topics;

function encode<I>(type: Type<unknown, I>, value: I): Buffer {
  const writer = new Writer();
  type.write(writer, value);
  return Buffer.from(writer.done());
}
