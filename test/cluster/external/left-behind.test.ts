/** What a run has made elsewhere is remembered for as long as nobody has deleted it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  findLeftBehind,
  forgetMade,
  howToDelete,
  rememberMade,
} from '../../../src/cluster/external/left-behind.ts';
import { hostWith } from '../scenarios.ts';

const MADE = {
  bootstrap: ['kafka:9092', 'kafka-2:9092'],
  topics: ['ordeal-00ff00ff-a.b'],
  groups: ['ordeal-00ff00ff-billing'],
};
let cache: string;
const host = () => hostWith({ XDG_CACHE_HOME: cache });
const notes = () => readdirSync(join(cache, 'ordeal/external'));
const note = () => join(cache, 'ordeal/external', notes()[0] as string);

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ordeal-left-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** As if the harness that wrote it had died. */
function orphan(): void {
  const written = JSON.parse(readFileSync(note(), 'utf8')) as { harness: { startedAt: string } };
  written.harness.startedAt = 'long ago';
  writeFileSync(note(), JSON.stringify(written));
}

test('a living run left nothing behind, a dead one did, once', () => {
  rememberMade(host(), MADE);
  expect(findLeftBehind(host())).toEqual([]);
  orphan();
  expect(findLeftBehind(host())).toEqual([{ ...MADE, path: note() }]);
  forgetMade(note());
  expect(findLeftBehind(host())).toEqual([]);
});

test('what was deleted is forgotten', () => {
  const forget = rememberMade(host(), MADE);
  forget();
  expect(notes()).toEqual([]);
});

test('runs do not write over each other', () => {
  rememberMade(host(), MADE);
  rememberMade(host(), MADE);
  expect(notes()).toHaveLength(2);
});

test('half a note is none', () => {
  rememberMade(host(), MADE);
  writeFileSync(note(), '{"harness":');
  expect(findLeftBehind(host())).toEqual([]);
});

test("Kafka's own commands delete it, and a dot is no wildcard", () => {
  expect(howToDelete(MADE)).toEqual([
    "kafka-topics.sh --bootstrap-server kafka:9092,kafka-2:9092 --delete --topic 'ordeal-00ff00ff-a\\.b'",
    "kafka-consumer-groups.sh --bootstrap-server kafka:9092,kafka-2:9092 --delete --group 'ordeal-00ff00ff-billing'",
  ]);
});
