/** Whether what a relay reads and writes fits the rest of the scenario. */
import type { Path } from '../problem.ts';
import { suggest } from '../suggest.ts';
import type { Report } from '../yaml/collect.ts';
import type { Draft, DraftLoad } from '../yaml/draft.ts';
import { entriesOf } from '../yaml/draft.ts';

type DraftConsume = Extract<DraftLoad, { readonly kind?: 'consume' | undefined }>;

/** `path` is that of `relay`. */
export function checkRelay(draft: Draft, path: Path, load: DraftConsume, report: Report): void {
  const { relay, topic } = load;
  if (relay === undefined || draft.topics === undefined || draft.load === undefined) return;
  const topics = Object.keys(draft.topics);
  const to = [...path, 'to'];
  if (!topics.includes(relay.to)) {
    const message = `no topic is called \`${relay.to}\``;
    report({ path: to, message, hint: suggest(relay.to, topics) });
  }
  const loads = entriesOf(draft.load).map(([, one]) => one);
  const read = loads.flatMap((one) =>
    one.kind === 'consume' && one.relay !== undefined ? [one.topic] : [],
  );
  if (read.includes(relay.to)) {
    report({
      path: to,
      message: `what is relayed to \`${relay.to}\` would be relayed again`,
      hint: 'a relay works off what producers write: give it a topic that no relay reads',
    });
  }
  if (loads.some((one) => one.kind === 'produce' && one.topic === topic)) return;
  report({
    path,
    message: `no load produces to \`${topic}\`, so there is nothing to relay`,
    hint: 'only records of the run itself are relayed: they alone have an identity',
  });
}
