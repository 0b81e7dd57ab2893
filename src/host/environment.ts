/** What the program knows of the machine it runs on, passed in as a value: only the cli reads the environment. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export type HostEnvironment = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** ordeal's own version. */
  readonly version: string;
};

/** Downloads, archives and the state of running runs. The XDG rules: a relative path counts as unset. */
export function cacheFolder({ env }: HostEnvironment): string {
  const base = env['XDG_CACHE_HOME'];
  if (base !== undefined && isAbsolute(base)) return join(base, 'ordeal');
  return join(env['HOME'] || homedir(), '.cache', 'ordeal');
}

/** Variables that would change a JVM behind the scenario's back. */
const JVM_VARIABLES = ['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'CLASSPATH'];

/** The environment for child processes, without what would silently change a JVM. */
export const childEnvironment = ({ env }: HostEnvironment): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !JVM_VARIABLES.includes(name)));
