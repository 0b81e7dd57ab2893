/** The JSON Schema (draft-07) of scenario files, for editors: completion, descriptions, the first squiggles. */
import { z } from 'zod';
import { FAULTS, LOADS } from '../yaml/verbs.ts';
import { LEAVES } from './fields.ts';
import { scenarioSchema } from './scenario-schema.ts';

type Json = { [key: string]: unknown };

/** The schema of a file as the user writes it, with verbs as keys. */
export function scenarioJsonSchema(): Json {
  const schema = z.toJSONSchema(scenarioSchema, {
    target: 'draft-7',
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      // Defaults are text to us and numbers to an editor.
      if (/^\d+$/.test(String(jsonSchema.default))) jsonSchema.default = Number(jsonSchema.default);
      const leaf = LEAVES.get(zodSchema);
      if (leaf === undefined) return;
      delete jsonSchema.type;
      Object.assign(jsonSchema, leaf.json);
    },
  }) as Json;
  const properties = schema['properties'] as Record<string, Json>;
  for (const { section, object } of [FAULTS, LOADS]) {
    const entry = (properties[section] as Json)['additionalProperties'] as Json;
    const members = (entry['oneOf'] ?? entry['anyOf']) as Json[];
    (properties[section] as Json)['additionalProperties'] = {
      anyOf: members.map((member) => withVerb(member, object)),
    };
  }
  return { ...schema, title: 'ordeal scenario' };
}

/** `{ kind: 'kill', where }` as a file has it: `{ kill: where }`. */
function withVerb(member: Json, object: string): Json {
  const properties = member['properties'] as Record<string, Json>;
  const { kind, [object]: target, ...rest } = properties;
  const verb = String((kind as Json)['const']);
  const required = (member['required'] as string[]).filter(
    (key) => key !== 'kind' && key !== object,
  );
  return { ...member, properties: { [verb]: target, ...rest }, required: [verb, ...required] };
}
