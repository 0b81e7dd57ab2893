/** `ordeal plan FILE`: the resolved scenario, the timeline of faults, and what will be a failure; no traffic, nothing
 * started. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { resolveConfigs } from '../clients/resolve.ts';
import { describeLink } from '../links/links.ts';
import { treatmentLines } from '../report/treatments.ts';
import { planRun, type RunPlan } from '../runner/plan.ts';
import { idsOf } from '../scenario/kafka-names.ts';
import type { LoadSpec, Scenario } from '../scenario/scenario.ts';
import { isUndisturbed, treatments } from '../verify/guarantees.ts';
import { scenarioFlags, wholeNumber } from './flags.ts';
import { hostEnvironment } from './host.ts';
import { print } from './output.ts';
import { readScenario, type ScenarioFlags } from './scenario-file.ts';

type Arguments = ScenarioFlags & { readonly file: string; readonly seed: string };

export const plan: CommandModule<object, Arguments> = {
  command: 'plan <file>',
  describe: 'Show the resolved scenario and its timeline; starts nothing',
  builder: (yargs: Argv) =>
    scenarioFlags(yargs.positional('file', { type: 'string', demandOption: true })).option('seed', {
      type: 'string',
      requiresArg: true,
      default: '1',
      describe: 'What a random campaign is drawn from',
    }) as unknown as Argv<Arguments>,
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const seed = wholeNumber('--seed', { least: 0 }, args.seed);
    const planned = await planRun(readScenario(args.file, args, seed), {
      file: args.file,
      seed,
      folder: 'reports',
      host: hostEnvironment(),
    });
    print(planned.loaded.resolved.trimEnd());
    print('');
    for (const line of timeline(planned)) print(`# ${line}`.trimEnd());
  },
};

function timeline(planned: RunPlan): readonly string[] {
  const { scenario, provider, providerWhy } = planned;
  const { warmupMs, measureMs, drainMs } = scenario.phases;
  const faults = [...scenario.faults].sort((a, b) => a.atMs - b.atMs);
  const configs = Object.entries(resolveConfigs(scenario));
  return [
    `provider: ${provider.name}${providerWhy === null ? '' : ` (${providerWhy})`}`,
    '',
    'Timeline, from the start of measure:',
    `${seconds(-warmupMs)}  warm-up`,
    `${seconds(0)}  measure`,
    ...faults.map(
      ({ name, kind, whereText, atMs, forMs }) =>
        `${seconds(atMs)}  ${name}: ${kind} ${whereText}${forMs === null ? '' : ` for ${forMs / 1000} s`}`,
    ),
    `${seconds(measureMs)}  drain, at most ${drainMs / 1000} s, then the audit`,
    '',
    proxyLine(planned),
    '',
    'How the anomalies of delivery are judged under these settings:',
    ...treatmentLines(treatments({ scenario, undisturbed: isUndisturbed(scenario, []) })),
    '',
    'Client settings in force:',
    ...scenario.load.flatMap((load) => idsLine(load, scenario.topics)),
    ...configs.flatMap(([load, { config }]) =>
      Object.entries(config).map(([key, value]) => `${load}: ${key}=${value}`),
    ),
  ];
}

/** An external cluster tells who its brokers are only when it is asked, and a plan asks nobody. */
function proxyLine({ scenario, provider, proxied }: RunPlan): string {
  if (proxied.length > 0) return `Links with a proxy: ${proxied.map(describeLink).join(', ')}`;
  const later = provider.name === 'external' && scenario.faults.length > 0;
  return later
    ? 'Links with a proxy: those of the brokers that the cluster turns out to have.'
    : 'No link has a proxy.';
}

function idsLine(load: LoadSpec, topics: Scenario['topics']): string[] {
  const ids = idsOf(load, topics);
  if (ids.length === 0) return [];
  const named = ids.length > 2 ? `${ids[0]} to ${ids.at(-1)}` : ids.join(', ');
  return [`${load.name}: transactional.id=${named}`];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(8)} s`;
