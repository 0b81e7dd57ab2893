/**
 * `drop`: the kernel throws away some packets of the links, in both directions, as a bad cable or a full queue does;
 * TCP sends them again later. Done by iptables in the pod of the dialer, or of the broker where clients dial.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import { waitFor } from '../lib/deadline.ts';
import { describeLink, type Link } from '../links/links.ts';
import type { DropFault } from '../scenario/scenario.ts';
import type { Arena, Fault } from './arena.ts';
import { containerOf, run, script } from './containers.ts';
import { describeLinks, linksNow } from './on-links.ts';
import { nodesOf } from './process.ts';

/** Traffic that never lost a packet within this time did not flow. */
const DROPPED_WITHIN_MS = 5000;

export const drop: Fault<DropFault> = {
  async inject({ name, where, probability }, arena) {
    const links = await linksNow(where, arena);
    const pods = podsOf(links.flatMap((link) => rulesOf(link, probability, name, arena)));
    const heal = async (): Promise<void> => {
      await Promise.all(pods.map((pod) => removeRules(pod, name)));
    };
    try {
      await Promise.all(pods.map(addRules));
    } catch (error) {
      await heal().catch(() => {}); // What went wrong first says more.
      throw error;
    }
    return {
      target: describeLinks(links),
      probe: async () => {
        const count = (): Promise<number> => dropped(pods, name);
        const seen = async (): Promise<number | false> => (await count()) || false;
        const packets = await waitFor('a packet to be dropped', seen, {
          timeoutMs: DROPPED_WITHIN_MS,
          everyMs: 200,
        }).catch(() => 0);
        return { proven: packets > 0, evidence: `the kernel dropped ${packets} packets so far` };
      },
      heal,
    };
  },
};

/** In which pod, which chain and what it matches. */
type Rule = { readonly node: ClusterNode; readonly chain: string; readonly match: string[] };

/** What stays inside the pod (to and from its proxies) is not on any wire. */
function rulesOf(link: Link, probability: number, fault: string, arena: Arena): readonly Rule[] {
  const [owner] = nodesOf(arena, [link.to]) as [ClusterNode];
  const address = containerOf(owner).addresses[link.listener];
  if (address === undefined) throw new Error(`${describeLink(link)} has no address`);
  const { host, port } = address;
  const chance = ['-m', 'statistic', '--mode', 'random', '--probability', String(probability)];
  const rest = [...chance, '-m', 'comment', '--comment', commentOf(fault)];
  const rule = (node: ClusterNode, chain: string, ...match: string[]): Rule => ({
    node,
    chain,
    match: ['-p', 'tcp', ...match, ...rest],
  });
  if (link.from === 'clients') {
    return [
      rule(owner, 'INPUT', '!', '-i', 'lo', '--dport', `${port}`),
      rule(owner, 'OUTPUT', '!', '-o', 'lo', '--sport', `${port}`),
    ];
  }
  const [dialer] = nodesOf(arena, [link.from]) as [ClusterNode];
  return [
    rule(dialer, 'OUTPUT', '-d', host, '--dport', `${port}`),
    rule(dialer, 'INPUT', '-s', host, '--sport', `${port}`),
  ];
}

const commentOf = (fault: string): string => `ordeal-${fault}`;

/** All rules of one pod are set by one command: each takes a while. */
type Pod = { readonly node: ClusterNode; readonly rules: readonly Rule[] };

const podsOf = (rules: readonly Rule[]): readonly Pod[] =>
  [...new Set(rules.map(({ node }) => node))].map((node) => ({
    node,
    rules: rules.filter((rule) => rule.node === node),
  }));

const command = (how: '-A' | '-D', { chain, match }: Rule): string =>
  ['iptables', '-w', how, chain, ...match, '-j', 'DROP'].join(' ');

const addRules = ({ node, rules }: Pod): Promise<string> =>
  run(node, 'pod', script(rules.map((rule) => command('-A', rule)).join(' && ')));

/** Also those that were never set, so the listing decides. */
const removeRules = ({ node, rules }: Pod, fault: string): Promise<string> => {
  const removals = rules.map((rule) => `${command('-D', rule)} 2>/dev/null`);
  const left = `! iptables -w -S | grep -E -- '--comment "?${commentOf(fault)}"? '`;
  return run(node, 'pod', script([...removals, left].join('; ')));
};

async function dropped(pods: readonly Pod[], fault: string): Promise<number> {
  const tables = await Promise.all(
    pods.map(({ node }) => run(node, 'pod', ['iptables', '-w', '-nvxL'])),
  );
  return tables.reduce((sum, table) => sum + packetsIn(table, commentOf(fault)), 0);
}

/** The first column of the rules with this comment. */
export const packetsIn = (table: string, comment: string): number =>
  table
    .split('\n')
    .filter((line) => line.includes(`/* ${comment} */`))
    .reduce((sum, line) => sum + Number(/^\s*(\d+)/.exec(line)?.[1] ?? 0), 0);
