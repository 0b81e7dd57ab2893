/** What the link faults share: which links a pattern means now, and probing them before and after. */
import { describeLink, type Link, type LinkEffect, type LinkProbe } from '../links/links.ts';
import { type RoleEnd, resolveLinks } from '../links/pattern.ts';
import type { LinkEnd, LinkPattern } from '../scenario/scenario.ts';
import type { Arena, Effect, Injection } from './arena.ts';

/** No probe takes longer; a silent link answers only by this passing. */
export const PROBE_TIMEOUT_MS = 2000;

/** A few links say as much as all of them, and probing must not become load of its own. */
const PROBED_LINKS = 4;

/** An answer as fast as this was not held up by the machine's other work. */
const QUICK_MS = 5;

/** Before an effect more are asked than with it: what is slow then hides the effect, and asking costs little. */
const ATTEMPTS = { before: 8, with: 3 };

/** Judges one link by what a probe met before and after the effect was applied. */
export type JudgeLink = (before: LinkProbe, after: LinkProbe) => Effect;

export async function injectOnLinks(
  patterns: readonly LinkPattern[],
  effect: LinkEffect,
  arena: Arena,
  judge: JudgeLink,
  requests?: number,
): Promise<Injection> {
  const links = await linksNow(patterns, arena);
  const probed = spread(links, PROBED_LINKS);
  const before = await probeAll(probed, arena, requests, ATTEMPTS.before);
  const heal = await arena.links.apply(links, effect);
  return {
    target: describeLinks(links),
    probe: async () => {
      const after = await probeAll(probed, arena, requests, ATTEMPTS.with);
      const effects = probed.map((link, i) => {
        const found = judge(before[i] as LinkProbe, after[i] as LinkProbe);
        return { proven: found.proven, evidence: `${describeLink(link)}: ${found.evidence}` };
      });
      return {
        proven: effects.every(({ proven }) => proven),
        evidence: effects.map(({ evidence }) => evidence).join('; '),
      };
    },
    heal,
  };
}

/** Throws when none matches: a fault on nothing proves nothing. */
export async function linksNow(
  patterns: readonly LinkPattern[],
  arena: Arena,
): Promise<readonly Link[]> {
  const roles = new Map<string, readonly number[]>();
  for (const where of patterns.flatMap(({ from, to }) => [from, to]).filter(isRole)) {
    const key = JSON.stringify(where);
    if (!roles.has(key)) roles.set(key, await arena.resolve(where));
  }
  const nodes = arena.linkNodes ?? [...arena.nodes.values()];
  const links = resolveLinks(patterns, nodes, (where) => roles.get(JSON.stringify(where)) ?? []);
  if (links.length === 0) throw new Error('no link matches as the cluster stands now');
  return links;
}

const isRole = (end: LinkEnd): end is RoleEnd =>
  !['clients', 'all', 'brokers', 'controllers'].includes(end.kind);

const probeAll = (
  links: readonly Link[],
  arena: Arena,
  requests: number | undefined,
  attempts: number,
): Promise<LinkProbe[]> =>
  Promise.all(links.map((link) => probeBest(link, arena, requests, attempts)));

/**
 * The fastest of several answers: a busy machine only ever adds to a round trip. Over when an answer is quick, as no
 * further one says more.
 */
async function probeBest(
  link: Link,
  { links }: Arena,
  requests: number | undefined,
  attempts: number,
): Promise<LinkProbe> {
  let best = await links.probe(link, PROBE_TIMEOUT_MS, requests);
  for (let left = attempts - 1; left > 0; left--) {
    if (best.roundTripMs === null || best.roundTripMs < QUICK_MS) return best;
    const next = await links.probe(link, PROBE_TIMEOUT_MS, requests);
    if (next.roundTripMs !== null && next.roundTripMs < best.roundTripMs) best = next;
  }
  return best;
}

/** At most `count` elements, evenly spread over the list. */
function spread<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T);
}

export const describeLinks = (links: readonly Link[]): string =>
  links.length <= PROBED_LINKS
    ? links.map(describeLink).join(', ')
    : `${links.length} links: ${links.slice(0, PROBED_LINKS).map(describeLink).join(', ')}, …`;

/** What a probe met, in words. */
export const describeProbe = ({ state, roundTripMs }: LinkProbe): string =>
  roundTripMs === null ? state : `${state} in ${roundTripMs.toFixed(1)} ms`;
