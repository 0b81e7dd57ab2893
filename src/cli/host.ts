/** The one place that reads the environment for the rest of the program. */
import { readFileSync } from 'node:fs';
import type { HostEnvironment } from '../host/environment.ts';

export const hostEnvironment = (): HostEnvironment => ({
  env: process.env,
  platform: process.platform,
  version: packageVersion(),
});

export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
