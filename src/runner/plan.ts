/**
 * From a loaded scenario to what a run needs, or every problem at once. Nothing is started here: clients,
 * cluster and links say what they cannot do, and each answer gets its line in the file.
 */
import { check as checkClients } from '../clients/check.ts';
import { checkCampaigns } from '../cluster/capabilities.ts';
import { type Choice, chooseProvider, type Pull, providerOf } from '../cluster/choose-provider.ts';
import type { ClusterProvider } from '../cluster/cluster.ts';
import { checkFits } from '../cluster/kept/differences.ts';
import { keptNamed, keptProvider } from '../cluster/kept/provider.ts';
import { plannedNodes } from '../cluster/nodes.ts';
import { check as checkCluster } from '../cluster/providers.ts';
import { createStreamTable, type StreamTable } from '../evidence/streams.ts';
import { check as checkFaults } from '../faults/check.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { createRandom } from '../lib/random.ts';
import type { Link } from '../links/links.ts';
import { possibleLinks } from '../links/pattern.ts';
import { type LoadedScenario, locateProblems, ScenarioError } from '../scenario/load-scenario.ts';
import type { Problem } from '../scenario/problem.ts';
import { LEGS } from '../scenario/records/relayed.ts';
import type { LinkPattern, LoadSpec, Scenario } from '../scenario/scenario.ts';

export type RunPlan = {
  readonly file: string;
  readonly loaded: LoadedScenario;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly folder: string;
  readonly provider: ClusterProvider;
  /** Why `auto` became this provider; null when the scenario or a flag named it. */
  readonly providerWhy: string | null;
  /** Links that need a proxy. */
  readonly proxied: readonly Link[];
  readonly streams: StreamTable;
  /** The log is read while the run goes on, too. */
  readonly follow: boolean;
};

export type PlanOptions = {
  readonly file: string;
  readonly seed: number;
  readonly folder: string;
  readonly host: HostEnvironment;
  /** To pull missing images before choosing a provider; absent where nothing may be started. */
  readonly pull?: Pull;
  /** The kept cluster to take instead of raising one. */
  readonly reuse?: string | undefined;
  /** Reads the log while the run goes on, too; false unless said otherwise. */
  readonly follow?: boolean;
};

/**
 * Throws ScenarioError with every problem the parts of the program have with this scenario, and a usage error when the
 * kept cluster cannot be used, or is another one than it asks for.
 */
export async function planRun(loaded: LoadedScenario, options: PlanOptions): Promise<RunPlan> {
  const kept = options.reuse === undefined ? null : keptNamed(options.host, options.reuse);
  const choice =
    kept === null
      ? await chooseProvider(loaded.scenario, options.host, options.pull)
      : { name: kept.provider, why: `the kept cluster ${kept.name}` };
  const scenario = onProvider(loaded.scenario, choice.name);
  const campaigns = checkCampaigns(loaded.campaigns, choice.name, choice.why);
  const problems = [
    ...checkClients(scenario),
    ...(campaigns.length > 0 ? campaigns : checkCluster(scenario, options.host, choice.why)),
    ...checkFaults(scenario),
    ...checkConsent(loaded),
  ];
  if (problems.length > 0) throw new ScenarioError(locateProblems(loaded, problems));
  const proxied = possibleLinks(linkPatterns(scenario), plannedNodes(scenario));
  if (kept !== null) checkFits(kept, { ...loaded.scenario, proxied }, options.file);
  const runId = Math.floor(createRandom(options.seed, 'run id').next() * 2 ** 32);
  return {
    file: options.file,
    loaded,
    scenario,
    seed: options.seed,
    folder: options.folder,
    provider: kept === null ? await providerOf(choice.name, options.host) : keptProvider(kept),
    providerWhy: choice.why,
    proxied,
    follow: options.follow ?? false,
    streams: createStreamTable(
      runId,
      scenario.topics,
      scenario.load.flatMap((load) => (load.kind === 'produce' ? [load] : [])),
      scenario.load.flatMap(relayOf),
    ),
  };
}

const relayOf = (load: LoadSpec) => {
  if (load.kind !== 'consume' || load.relay === undefined) return [];
  const { name, topic, relay } = load;
  return [{ name, topic, to: relay.to, legs: LEGS[relay.makes] }];
};

const onProvider = (scenario: Scenario, provider: Choice['name']): Scenario => ({
  ...scenario,
  cluster: { ...scenario.cluster, provider },
});

/** Consent is given by whoever starts a run, not by whoever wrote the file. */
function checkConsent({ scenario, locate }: LoadedScenario): readonly Problem[] {
  const path = ['cluster', 'allow-destructive'];
  if (!scenario.cluster.allowDestructive || locate(path).at.startsWith('--set ')) return [];
  const message = '`allow-destructive` is consent to one run, and stands in the file';
  return [{ path, message, hint: 'remove it, and run with --allow-destructive' }];
}

const linkPatterns = (scenario: Scenario): readonly LinkPattern[] =>
  scenario.faults.flatMap((fault) => (Array.isArray(fault.where) ? fault.where : []));
