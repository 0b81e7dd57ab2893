/**
 * From a loaded scenario to what a run needs, or every problem at once. Nothing is started here: clients,
 * cluster and links say what they cannot do, and each answer gets its line in the file.
 */
import { check as checkClients } from '../clients/check.ts';
import type { ClusterProvider } from '../cluster/cluster.ts';
import { plannedNodes } from '../cluster/nodes.ts';
import { check as checkCluster, chooseProvider } from '../cluster/providers.ts';
import { createStreamTable, type StreamTable } from '../evidence/streams.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { createRandom } from '../lib/random.ts';
import type { Link } from '../links/links.ts';
import { possibleLinks } from '../links/pattern.ts';
import { type LoadedScenario, locateProblems, ScenarioError } from '../scenario/load-scenario.ts';
import type { LinkPattern, Scenario } from '../scenario/scenario.ts';

export type RunPlan = {
  readonly file: string;
  readonly loaded: LoadedScenario;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly folder: string;
  readonly provider: ClusterProvider;
  /** Links that need a proxy. */
  readonly proxied: readonly Link[];
  readonly streams: StreamTable;
};

export type PlanOptions = {
  readonly file: string;
  readonly seed: number;
  readonly folder: string;
  readonly host: HostEnvironment;
};

/** Throws ScenarioError with every problem the parts of the program have with this scenario. */
export function planRun(loaded: LoadedScenario, options: PlanOptions): RunPlan {
  const { scenario } = loaded;
  const problems = [...checkClients(scenario), ...checkCluster(scenario, options.host)];
  if (problems.length > 0) throw new ScenarioError(locateProblems(loaded, problems));
  const runId = Math.floor(createRandom(options.seed, 'run id').next() * 2 ** 32);
  return {
    file: options.file,
    loaded,
    scenario,
    seed: options.seed,
    folder: options.folder,
    provider: chooseProvider(scenario, options.host),
    proxied: possibleLinks(linkPatterns(scenario), plannedNodes(scenario)),
    streams: createStreamTable(
      runId,
      scenario.topics,
      scenario.load.flatMap((load) => (load.kind === 'produce' ? [load] : [])),
    ),
  };
}

const linkPatterns = (scenario: Scenario): readonly LinkPattern[] =>
  scenario.faults.flatMap((fault) => (Array.isArray(fault.where) ? fault.where : []));
