/** `ordeal schema`: the JSON Schema (draft-07) of scenario files, for editors. */
import type { CommandModule } from 'yargs';
import { scenarioJsonSchema } from '../scenario/schema/json-schema.ts';
import { print } from './output.ts';

export const schema: CommandModule = {
  command: 'schema',
  describe: 'Print the JSON Schema of scenario files (draft-07)',
  handler: () => print(JSON.stringify(scenarioJsonSchema(), null, 2)),
};
