/** How long to wait before the next attempt. */
import type { KafkaConfig } from '../../scenario/scenario.ts';

/** As Java's clients: doubled with every attempt, up to `retry.backoff.max.ms`. */
export function backoffOf(config: KafkaConfig): (attempts: number) => number {
  const first = Number(config['retry.backoff.ms']);
  const longest = Math.max(first, Number(config['retry.backoff.max.ms']));
  return (attempts) => Math.min(longest, first * 2 ** Math.min(Math.max(0, attempts - 1), 20));
}
