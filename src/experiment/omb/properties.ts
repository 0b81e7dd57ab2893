/** The settings in a value of an OMB driver file, which is the text of a Java properties file. */
import { type OmbFile, withoutSecrets } from './omb-file.ts';

export type Property = {
  /** The key of the driver file that holds it. */
  readonly key: string;
  readonly name: string;
  readonly value: string;
};

/** In the order of the text; a name that comes twice is a problem, because Java silently takes the last. */
export function readProperties(omb: OmbFile, key: string): readonly Property[] {
  const found = new Map<string, Property>();
  for (const line of (omb.text(key) ?? '').split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    const [, name, value = ''] = /^([\w.-]+)(?:\s*[=:]\s*|\s+|$)(.*)$/.exec(line) ?? [];
    if (name === undefined || value.includes('\\')) {
      const message = `\`${withoutSecrets(line)}\` is not a setting`;
      omb.refuse(key, { message, hint: 'write name=value on one line, without \\' }, line);
    } else if (found.has(name)) {
      omb.refuse(key, { message: `\`${name}\` appears twice in \`${key}\`` }, name);
    } else {
      found.set(name, { key, name, value });
    }
  }
  return [...found.values()];
}
