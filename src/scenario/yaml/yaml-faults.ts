/** What the YAML parser found wrong, in the words of someone who edits a scenario. */
import type { YAMLError } from 'yaml';
import type { TextProblem } from './read-yaml.ts';

const WORDS: Readonly<Partial<Record<YAMLError['code'], readonly [string, string]>>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'indent with spaces'],
  BAD_INDENT: [
    'the indentation does not fit, or a bracket is not closed',
    'align it with its neighbours',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second `key:` on one line, or a line indented below a value',
    'put quotes around text that holds `: `, or start a new line',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key goes over several lines', 'is a `:` missing?'],
  BAD_ALIAS: [
    'an alias is not written correctly',
    'put quotes around text that starts with `*` or `&`',
  ],
  TAG_RESOLVE_FAILED: ['tags (`!name`) are not used in scenarios', 'remove it'],
  BAD_SCALAR_START: ['a value cannot start with this character', 'put quotes around the value'],
};

export function yamlFault(error: YAMLError): TextProblem {
  const [start, end] = error.pos;
  const [message, hint] = WORDS[error.code] ?? [plainWords(error.message), undefined];
  return { start, end, message: `not valid YAML: ${message}`, hint };
}

const plainWords = (message: string): string =>
  `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\.$/, '');
