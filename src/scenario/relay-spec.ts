/** What a group that relays makes of the records it is handed. */
import type { Makes } from './records/relayed.ts';

export type RelaySpec = {
  /** The topic it writes to. */
  readonly to: string;
  readonly makes: Makes;
  /** Outputs and the group's offsets in one transaction; otherwise offsets are committed now and then, behind the outputs. */
  readonly transactional: boolean;
  /** Input records that are worked off at a time: in one transaction. */
  readonly records: number;
};
