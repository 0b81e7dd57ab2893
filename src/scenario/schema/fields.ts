/**
 * The leaves of the scenario schema: one text each, read by us, with what an editor should know about it.
 * Every leaf takes a string, because the YAML reader never guesses types.
 */
import { z } from 'zod';
import { suggest } from '../suggest.ts';
import {
  formatSize,
  type Parsed,
  parseByteRate,
  parseDuration,
  parsed,
  parseRate,
  parseShare,
  parseSize,
  parseTail,
  refused,
} from '../units.ts';

type Json = Readonly<Record<string, unknown>>;

export type LeafInfo = {
  /** Finishes the sentence "expected …". */
  readonly expects: string;
  /** The leaf in the JSON Schema of the file. */
  readonly json: Json;
};

/** What each leaf schema says about itself. */
export const LEAVES = z.registry<LeafInfo>();

/** What our own issues carry beside the message. */
export type LeafIssue = { readonly hint?: string; readonly offset?: number };

export function leaf<T>(expects: string, parse: (text: string) => Parsed<T>, json: Json) {
  return z
    .string()
    .transform((text, context): T => {
      const result = parse(text);
      if (result.ok) return result.value;
      const { message, hint, offset } = result;
      context.issues.push({ code: 'custom', input: text, message, params: { hint, offset } });
      return z.NEVER;
    })
    .register(LEAVES, { expects, json });
}

/** `${VAR}` may stand for any value, so an editor must let it through. */
const VARIABLE = String.raw`\$\{`;
const textLike = (pattern: string, examples: readonly string[]): Json => ({
  type: 'string',
  pattern: `^(?:${pattern})$|${VARIABLE}`,
  examples,
});
const numberLike = (minimum: number): Json => ({
  anyOf: [
    { type: 'integer', minimum },
    { type: 'string', pattern: VARIABLE },
  ],
});

const NUMBER = String.raw`\d+(\.\d+)?`;

export const anyText = leaf('text', (text) => parsed(text), {
  type: ['string', 'number', 'boolean'],
});

/** From the start of something, or before it: `-20s`. */
export const moment = () =>
  leaf(
    'a moment such as 30s, or -20s for one before',
    (text) => {
      const early = text.startsWith('-');
      const ms = parseDuration(early ? text.slice(1) : text);
      if (!ms.ok) return ms;
      if (!Number.isSafeInteger(ms.value))
        return refused(`\`${text}\` is not a whole number of milliseconds`);
      return parsed(early ? -ms.value : ms.value);
    },
    textLike(`-?(${NUMBER}(ms|s|m|h))+`, ['30s', '1m30s', '-20s']),
  );

export const duration = (least = 0) =>
  leaf(
    'a duration such as 30s',
    (text) => {
      const ms = parseDuration(text);
      if (!ms.ok) return ms;
      if (!Number.isSafeInteger(ms.value))
        return refused(`\`${text}\` is not a whole number of milliseconds`);
      return ms.value < least ? refused(`\`${text}\` is too short`, `at least ${least}ms`) : ms;
    },
    textLike(`(${NUMBER}(ms|s|m|h))+`, ['30s', '1m30s', '250ms']),
  );

export const size = (least: number, why: string) =>
  leaf(
    'a size such as 1KiB',
    (text) => {
      const bytes = parseSize(text);
      return bytes.ok && bytes.value < least
        ? refused(`\`${text}\` is too small: ${why}`, `at least ${formatSize(least)}`)
        : bytes;
    },
    textLike(`${NUMBER} ?([kMGT]|[KMGT]i)?B`, ['100B', '1KiB', '1MiB']),
  );

const RATE_PATTERN = `${NUMBER}[kMG]?/s`;

/** A number of records per second. */
export const rate = leaf(
  'a rate such as 5k/s',
  parseRate,
  textLike(RATE_PATTERN, ['200/s', '5k/s']),
);

/** A number of records per second above zero, or `max`. */
export const rateOrMax = leaf(
  'a rate such as 5k/s, or max',
  (text): Parsed<number | 'max'> => {
    if (text === 'max') return parsed('max');
    const perSecond = parseRate(text);
    if (!perSecond.ok) return { ...perSecond, hint: `${perSecond.hint}, or max` };
    return perSecond.value > 0
      ? perSecond
      : refused('a rate of 0 sends nothing', 'write 100/s or more');
  },
  textLike(`max|${RATE_PATTERN}`, ['200/s', '5k/s', 'max']),
);

export const byteRate = leaf(
  'a bandwidth such as 1MiB/s',
  (text) => {
    const bytes = parseByteRate(text);
    return bytes.ok && bytes.value < 1024
      ? refused(`\`${text}\` is too little: the link works in KiB/s`, 'at least 1KiB/s')
      : bytes;
  },
  textLike(`${NUMBER} ?([kMGT]|[KMGT]i)?B/s`, ['1MiB/s']),
);

export const share = leaf('a share such as 50%', parseShare, textLike(`${NUMBER} ?%`, ['50%']));

/** A share above zero. */
export const chance = leaf(
  'a share such as 10%',
  (text) => {
    const value = parseShare(text);
    return value.ok && value.value === 0 ? refused('0% does nothing', 'write 10%') : value;
  },
  textLike(`${NUMBER} ?%`, ['10%']),
);

/** The end of a log. */
export const tail = leaf(
  'a number of records or a size, such as 1000 records or 64KiB',
  parseTail,
  textLike(`${NUMBER}[kMG]? records?|${NUMBER} ?([kMGT]|[KMGT]i)?B`, ['1000 records', '64KiB']),
);

export const whole = (least: number, most: number) =>
  leaf(
    'a whole number',
    (text) => {
      const value = Number(text);
      if (!/^\d+$/.test(text)) return refused(`expected a whole number, found \`${text}\``);
      return value >= least && value <= most
        ? parsed(value)
        : refused(`${text} is out of range`, `from ${least} to ${most}`);
    },
    numberLike(least),
  );

export const positive = leaf(
  'a number above 0',
  (text) =>
    /^\d+(\.\d+)?$/.test(text) && Number(text) > 0
      ? parsed(Number(text))
      : refused(`expected a number above 0, found \`${text}\``),
  {
    anyOf: [
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'string', pattern: VARIABLE },
    ],
  },
);

export const truth = leaf(
  'true or false',
  (text): Parsed<boolean> =>
    text === 'true' || text === 'false'
      ? parsed(text === 'true')
      : refused(`\`${text}\` is neither true nor false`),
  {
    anyOf: [
      { type: 'boolean' },
      { enum: ['true', 'false'] },
      { type: 'string', pattern: VARIABLE },
    ],
  },
);

export const oneOf = <const T extends string>(...words: readonly T[]) =>
  leaf(
    words.length === 1 ? `\`${words[0]}\`` : `one of ${words.join(', ')}`,
    (text): Parsed<T> => {
      const word = words.find((known) => known === text);
      return word === undefined
        ? refused(`\`${text}\` is not one of ${words.join(', ')}`, suggest(text, words))
        : parsed(word);
    },
    { anyOf: [{ enum: words }, { type: 'string', pattern: VARIABLE }] },
  );

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Names of loads and faults: they appear in file names, charts and expectations. */
export const name = (what: string, reserved: readonly string[] = []) =>
  leaf(
    `a ${what} name`,
    (text) => {
      if (reserved.includes(text)) {
        return refused(
          `\`${text}\` is the name of a phase; a ${what} needs another`,
          `write ${text}-${what}`,
        );
      }
      return NAME.test(text)
        ? parsed(text)
        : refused(
            `\`${text}\` is not a ${what} name`,
            'up to 64 of a-z, 0-9, dash, underscore and dot, starting with a letter or a digit',
          );
    },
    { type: 'string', pattern: NAME.source },
  );

/** Kafka's own rule. */
export const topicName = leaf(
  'a topic name',
  (text) =>
    /^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== '.' && text !== '..'
      ? parsed(text)
      : refused(
          `\`${text}\` is not a topic name`,
          'up to 249 of a-z, A-Z, 0-9, dot, underscore and dash',
        ),
  { type: 'string', pattern: '^[a-zA-Z0-9._-]{1,249}$' },
);

export const kafkaVersion = leaf(
  'a Kafka version such as 4.3.1',
  (text) => {
    if (/^\d+\.\d+\.\d+$/.test(text)) return parsed(text);
    const hint = /^\d+\.\d+$/.test(text) ? `write ${text}.0` : 'write it as 4.3.1';
    return refused(`\`${text}\` is not a Kafka version`, hint);
  },
  { type: 'string', pattern: String.raw`^\d+\.\d+\.\d+$|\$\{` },
);

/** `HOST:PORT`, or several with commas. */
export const addresses = leaf(
  'HOST:PORT',
  (text): Parsed<readonly string[]> => {
    const all = text.split(',').map((part) => part.trim());
    const wrong = all.find((address) => !isAddress(address));
    return wrong === undefined
      ? parsed(all)
      : refused(`\`${wrong}\` is not HOST:PORT`, 'write it as kafka-1.example.com:9092');
  },
  { type: 'string' },
);

function isAddress(text: string): boolean {
  const port = /^(?:[^\s:/[\]]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

const settingName = leaf(
  'a Kafka setting',
  (text) =>
    /^[A-Za-z0-9._-]+$/.test(text)
      ? parsed(text)
      : refused(
          `\`${text}\` is not the name of a Kafka setting`,
          'write Kafka’s own name, such as min.insync.replicas',
        ),
  { type: 'string' },
);
export const config = (what: string) =>
  z.record(settingName, anyText).prefault({}).describe(`${what}, by Kafka's own names, verbatim`);
