/** From the text of a scenario file to a scenario, or to every problem it has with its line. */
import { OrdealError } from '../lib/errors.ts';
import { buildScenario, whereLine } from './build.ts';
import type { CampaignSource } from './campaign.ts';
import { checkBounds } from './checks/bounds.ts';
import { checkExpectations } from './checks/expectations.ts';
import { checkFaults } from './checks/faults.ts';
import { checkParts, checkRates, checkSecrets } from './checks/parts.ts';
import type { LocatedProblem, Path, Problem } from './problem.ts';
import { writeResolved } from './resolved.ts';
import type { Scenario } from './scenario.ts';
import { type Surface, scenarioSchema } from './schema/scenario-schema.ts';
import { campaignsOf, drawCampaigns } from './yaml/campaigns.ts';
import { collect, type Report, type TextualProblem } from './yaml/collect.ts';
import type { Draft } from './yaml/draft.ts';
import { type Environment, interpolate } from './yaml/interpolate.ts';
import { createPositions, type Positions } from './yaml/positions.ts';
import { readYaml } from './yaml/read-yaml.ts';
import { applySettings } from './yaml/set-values.ts';
import { isPlainMap, type Plain, placeOf, type TreeNode, toPlain } from './yaml/tree.ts';
import { nameVerbs, pathInFile, type VerbKeys } from './yaml/verbs.ts';

export type LoadOptions = {
  /** How the file is called in messages. */
  readonly file: string;
  /** `path=value`, applied in order. */
  readonly set?: readonly string[];
  readonly env: Environment;
  /** What campaigns are drawn from; 1 by default. */
  readonly seed?: number;
  /** What a `${VAR}` without a value and a default is: a problem (the default), or empty text. */
  readonly missingEnv?: 'error' | 'empty';
};

export type LoadedScenario = {
  readonly scenario: Scenario;
  /** What some of its faults were drawn from; the resolved scenario has only the faults. */
  readonly campaigns: readonly CampaignSource[];
  /** YAML with every default filled in, which loads to the same scenario; secrets stay `${VAR}` in it. */
  readonly resolved: string;
  /** Where a value stands: `FILE:LINE:COLUMN` and the lines around it, or `--set NAME` and nothing. */
  readonly locate: (path: Path) => { readonly at: string; readonly frame: string };
};

/** Bad input: everything that is wrong with a scenario, in the order of the file. */
export class ScenarioError extends OrdealError {
  readonly problems: readonly LocatedProblem[];

  constructor(problems: readonly LocatedProblem[]) {
    const sorted = sortProblems(problems).map(clipped);
    super('input', 'scenario.invalid', formatProblems(sorted));
    this.name = 'ScenarioError';
    this.problems = sorted;
  }
}

/** What a user wrote is shown, but not pages of it. */
const LONGEST_WORD = 100;
const clip = (text: string): string =>
  text
    .replace(/`[^`]+`/g, (quoted) =>
      quoted.length > LONGEST_WORD + 2 ? `${quoted.slice(0, LONGEST_WORD)}…\`` : quoted,
    )
    .replace(/[^\s`]+/g, (word) =>
      word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word,
    );

const clipped = (problem: LocatedProblem): LocatedProblem => ({
  ...problem,
  message: clip(problem.message),
  ...(problem.hint === undefined ? {} : { hint: clip(problem.hint) }),
  at: problem.at.startsWith('--set ') ? clip(problem.at) : problem.at,
});

/** Throws ScenarioError with every problem, and nothing else. */
export function loadScenario(text: string, options: LoadOptions): LoadedScenario {
  const positions = createPositions(options.file, text);
  const read = readYaml(text);
  const wrong: LocatedProblem[] = read.problems.map(({ start, end, message, hint }) => ({
    path: [],
    message,
    hint,
    ...placeAt(positions, start, end),
  }));
  if (read.tree === undefined) throw new ScenarioError(wrong);
  if (read.tree.kind !== 'map') {
    const message = `a scenario is a map of keys to values, found ${read.tree.kind === 'list' ? 'a list' : 'text'}`;
    const hint = 'start from one of scenarios/';
    const { origin } = read.tree;
    const start = origin.kind === 'file' ? origin.start : 0;
    const place = placeAt(positions, start, start + 1);
    throw new ScenarioError([...wrong, { path: [], message, hint, ...place }]);
  }
  const set = applySettings(read.tree, options.set ?? []);
  wrong.push(
    ...set.problems.map((problem) => ({
      ...problem,
      path: [],
      at: `--set ${problem.name}`,
      frame: '',
    })),
  );
  const { tree, named, draft, problems } = examine(set.root, options);
  const locate = createLocator(tree, named.verbKeys, text, positions);
  wrong.push(
    ...withoutEchoes(
      problems.map((problem) => ({ ...problem, ...locate(problem) })),
      wrong,
    ),
  );
  if (wrong.length > 0) throw new ScenarioError(wrong);
  const drawn = drawCampaigns(tree, draft as Surface, options.seed ?? 1);
  if (drawn === tree) return finish({ tree, named, draft }, [], text, positions);
  const examined = examine(drawn, options);
  const [slip] = examined.problems;
  if (slip !== undefined) throw new Error(`a campaign drew what is wrong: ${slip.message}`);
  return finish(examined, campaignsOf(draft as Surface), text, positions);
}

type Examined = Pick<ReturnType<typeof examine>, 'tree' | 'named' | 'draft'>;

/** The tree must be free of problems and campaigns. */
function finish(
  { tree, named, draft }: Examined,
  campaigns: readonly CampaignSource[],
  text: string,
  positions: Positions,
): LoadedScenario {
  const locate = createLocator(tree, named.verbKeys, text, positions);
  const scenario = buildScenario(draft as Surface, {
    question: questionOf(text),
    whereText: (fault) => whereLine(step(step(named.plain['faults'], fault), 'where')),
  });
  return {
    scenario,
    campaigns,
    resolved: writeResolved(tree, scenario),
    locate: (path) => locate({ path, message: '' }),
  };
}

type PlainMap = { readonly [key: string]: Plain };

const step = (value: Plain | undefined, key: string): Plain | undefined =>
  isPlainMap(value) ? value[key] : undefined;

/** Reads the tree as far as possible and collects what is wrong; the draft is complete when nothing is. */
function examine(root: TreeNode, { env, missingEnv = 'error' }: LoadOptions) {
  const problems: TextualProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const tree = interpolate(root, { env, missingEnv }, report);
  const unset = new Set(problems.map(({ path }) => path.join('\0')));
  const named = nameVerbs(toPlain(tree) as PlainMap, report);
  const reportOther: Report = (problem) => {
    const path = pathInFile(problem.path, named.verbKeys);
    // A variable that is not set is one problem, not two.
    const message = problem.message.replace(problem.path.join('.'), path.join('.'));
    if (!unset.has(path.join('\0'))) report({ ...problem, path, message });
  };
  const { plain } = named;
  const draft = collect(scenarioSchema, plain, [], reportOther) as Draft;
  checkRates(plain['load'], reportOther);
  checkSecrets(tree, reportOther);
  checkParts(draft, reportOther);
  checkBounds(draft, reportOther);
  checkFaults(draft, reportOther);
  checkExpectations(draft, reportOther);
  return { tree, named, draft, problems };
}

type Located = { readonly at: string; readonly frame: string };

function placeAt(positions: Positions, start: number, end: number): Located {
  const { at, frame } = positions(start, end);
  return { at, frame };
}

function createLocator(
  tree: TreeNode,
  verbKeys: VerbKeys,
  text: string,
  positions: Positions,
): (problem: TextualProblem) => Located {
  return ({ path, offset, onKey = false }) => {
    const { node, key, found } = placeOf(tree, pathInFile(path, verbKeys));
    if (node.origin.kind === 'set') return { at: `--set ${node.origin.name}`, frame: '' };
    const keyed = onKey || !found || node.kind !== 'scalar' || node.absent;
    if (keyed && key?.kind === 'file') return placeAt(positions, key.start, key.end);
    const { start, end } = extentOf(node, node.origin, text, offset);
    return placeAt(positions, start, end);
  };
}

type Extent = { readonly start: number; readonly end: number };

/** What to mark of a value: a text from the offset on, else where the map or the list begins. */
function extentOf(
  node: TreeNode,
  { start, end }: Extent,
  file: string,
  offset: number | undefined,
): Extent {
  if (node.kind !== 'scalar') return { start, end: start + 1 };
  const shift = file.slice(start, end).indexOf(node.raw);
  // Escapes and variables blur where a character stands; then the whole text is marked.
  if (offset === undefined || shift < 0 || node.raw !== node.text) return { start, end };
  return { start: start + shift + offset, end };
}

/** Drops what a broken alias or a doubled key has caused at the same place. */
function withoutEchoes(
  problems: readonly LocatedProblem[],
  causes: readonly LocatedProblem[],
): readonly LocatedProblem[] {
  const places = new Set(causes.filter(({ frame }) => frame !== '').map(({ at }) => at));
  return problems.filter(({ at }) => !places.has(at));
}

/** The leading comment without its marks; an editor's modeline is no part of the question. */
function questionOf(text: string): string {
  const lines: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    if (!line.startsWith('#')) break;
    if (!/^#\s*yaml-language-server:/.test(line)) lines.push(line.replace(/^#\s?/, '').trimEnd());
  }
  return lines.join('\n').trim();
}

/** Gives problems that other parts of the program found their places, in the order of the file. */
export const locateProblems = (
  loaded: LoadedScenario,
  problems: readonly Problem[],
): readonly LocatedProblem[] =>
  sortProblems(problems.map((problem) => ({ ...problem, ...loaded.locate(problem.path) })));

function sortProblems(problems: readonly LocatedProblem[]): readonly LocatedProblem[] {
  return problems
    .map((problem) => ({ problem, place: placeNumber(problem.at) }))
    .sort((a, b) => a.place - b.place)
    .map(({ problem }) => problem);
}

function placeNumber(at: string): number {
  const [, line, column] = /:(\d+):(\d+)$/.exec(at) ?? [];
  if (at.startsWith('--set ') || line === undefined) return Number.MAX_SAFE_INTEGER;
  return Number(line) * 1e7 + Number(column);
}

const SHOWN = 50;
/** For a problem that says all there is to say. */
const ELSEWHERE = 'scenarios/ has examples, and `ordeal schema` describes every key';

/** For people: one paragraph a problem, with its place, the lines around it, and what to try. */
export function formatProblems(problems: readonly LocatedProblem[]): string {
  const paragraphs = problems
    .slice(0, SHOWN)
    .map(({ at, message, hint, frame }) =>
      [`${at}: ${message}`, ...(frame === '' ? [] : [frame]), `  hint: ${hint ?? ELSEWHERE}`].join(
        '\n',
      ),
    );
  const more = problems.length - SHOWN;
  return [...paragraphs, ...(more > 0 ? [`… and ${more} more problems`] : [])].join('\n\n');
}
