/**
 * Links: who dials whom on which listener, and what can be done to them. Directed by who dials: cutting
 * `1 -> 2 (BROKER)` still lets broker 2 fetch from broker 1. Only links that a scenario's faults name have a
 * proxy in them; a fault on any other link is a defect.
 */
import type { Listener, Stream } from '../scenario/scenario.ts';

export type Dialer = 'clients' | number;

export type Link = {
  readonly from: Dialer;
  readonly to: number;
  readonly listener: Listener;
};

/** What is in force on a link until it is healed. Several may be at once. */
export type LinkEffect =
  | {
      readonly kind: 'latency';
      readonly delayMs: number;
      readonly jitterMs: number;
      readonly stream: Stream;
    }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number; readonly stream: Stream }
  | { readonly kind: 'reset' }
  | { readonly kind: 'blackhole'; readonly stream: Stream }
  | { readonly kind: 'cut' };

/** Ends the effect. Idempotent: a second call does nothing. */
export type HealLinks = () => Promise<void>;

/** What one TCP connection through a link met. */
export type LinkProbe = {
  /** `answered`: a Kafka ApiVersions request came back; `silent`: accepted, but no answer in time. */
  readonly state: 'answered' | 'silent' | 'refused' | 'reset';
  /** Request to answer in milliseconds, when answered. */
  readonly roundTripMs: number | null;
  /** It came there through another proxy (ours, or the engine's own), which makes a close of a reset. */
  readonly indirect?: boolean;
};

export interface Links extends AsyncDisposable {
  /** The links that have a proxy. */
  readonly proxied: readonly Link[];
  /** All links of one call take effect together, or none and it throws. */
  apply(links: readonly Link[], effect: LinkEffect): Promise<HealLinks>;
  /**
   * Dials the link's proxy as the dialer would and sends one request, or `requests` big ones in a row and waits for
   * every answer; never takes longer than `timeoutMs`.
   */
  probe(link: Link, timeoutMs: number, requests?: number): Promise<LinkProbe>;
  /** Removes every effect, whatever was applied. Safe to call at any time. */
  healAll(): Promise<void>;
}

export const describeLink = ({ from, to, listener }: Link): string =>
  `${from === 'clients' ? 'clients' : `broker ${from}`} -> broker ${to} (${listener})`;
