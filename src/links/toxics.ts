/** Effects as Toxiproxy knows them: toxics on a proxy's streams. */
import type { Stream } from '../scenario/scenario.ts';
import type { LinkEffect } from './links.ts';

/** Toxiproxy's `upstream` is what flows from the dialer to the listener's owner: the request. */
export type Direction = 'upstream' | 'downstream';

export type ToxicSpec = {
  readonly type: 'latency' | 'bandwidth' | 'timeout' | 'reset_peer';
  readonly stream: Direction;
  readonly attributes: Readonly<Record<string, number>>;
};

/** A cut is none of them: it closes the proxy itself. */
export function toxicsOf(effect: Exclude<LinkEffect, { kind: 'cut' }>): readonly ToxicSpec[] {
  switch (effect.kind) {
    case 'latency':
      return onStreams(effect.stream, 'latency', {
        latency: effect.delayMs,
        jitter: effect.jitterMs,
      });
    case 'bandwidth':
      // Toxiproxy counts in kilobytes of 1000 bytes; 0 would stop everything.
      return onStreams(effect.stream, 'bandwidth', {
        rate: Math.max(1, Math.round(effect.bytesPerSecond / 1000)),
      });
    case 'blackhole':
      // Timeout 0: swallow for ever. Removing it closes the connections.
      return onStreams(effect.stream, 'timeout', { timeout: 0 });
    case 'reset':
      // The first byte of a request resets both sides.
      return onStreams('request', 'reset_peer', { timeout: 0 });
  }
}

const DIRECTIONS: Readonly<Record<Stream, readonly Direction[]>> = {
  request: ['upstream'],
  response: ['downstream'],
  both: ['upstream', 'downstream'],
};

const onStreams = (
  stream: Stream,
  type: ToxicSpec['type'],
  attributes: ToxicSpec['attributes'],
): readonly ToxicSpec[] =>
  DIRECTIONS[stream].map((direction) => ({ type, stream: direction, attributes }));
