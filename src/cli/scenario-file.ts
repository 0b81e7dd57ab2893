/** Reads a scenario file for a verb, with `--set` and the flags that are short for it. */
import { readFileSync } from 'node:fs';
import { inputError } from '../lib/errors.ts';
import { type LoadedScenario, loadScenario } from '../scenario/load-scenario.ts';

export type ScenarioFlags = {
  readonly set: readonly string[];
  readonly provider: string | undefined;
  readonly bootstrap: string | undefined;
  readonly allowDestructive: boolean;
  readonly keepTopics: boolean;
};

/** `seed`: what its campaigns are drawn from. */
export function readScenario(file: string, flags: ScenarioFlags, seed = 1): LoadedScenario {
  return loadScenario(readText(file), {
    file,
    seed,
    set: [...flags.set, ...shorthand(flags)],
    env: process.env,
  });
}

function shorthand({
  provider,
  bootstrap,
  allowDestructive,
  keepTopics,
}: ScenarioFlags): readonly string[] {
  const kind = provider ?? (bootstrap === undefined ? undefined : 'external');
  return [
    ...(kind === undefined ? [] : [`cluster.provider=${kind}`]),
    ...(bootstrap === undefined ? [] : [`cluster.bootstrap=${bootstrap}`]),
    ...(allowDestructive ? ['cluster.allow-destructive=true'] : []),
    ...(keepTopics ? ['cluster.keep-topics=true'] : []),
  ];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw inputError(
      'scenario.unreadable',
      `cannot read the scenario ${file}: ${reason === 'ENOENT' ? 'no such file' : reason}`,
      'give the path of a YAML file, such as scenarios/baseline/steady.yaml',
    );
  }
}
