/** A scenario as far as it could be read: what the checks between its parts work on. */

import type { SurfaceFault } from '../schema/fault.ts';
import type { SurfaceLoad } from '../schema/load.ts';
import type { Surface } from '../schema/scenario-schema.ts';

/** Members may be missing when they could not be read; what is there has its full type. */
type Partly<T> = T extends unknown ? { readonly [K in keyof T]?: T[K] | undefined } : never;
type Entries<T> = Readonly<Record<string, Partly<T> | undefined>>;

export type DraftLoad = Partly<SurfaceLoad>;
export type DraftTopic = Partly<Surface['topics'][string]>;
export type DraftFault = Partly<SurfaceFault>;

export type Draft = {
  readonly name?: string | undefined;
  readonly cluster?: Partly<Surface['cluster']> | undefined;
  readonly topics?: Entries<Surface['topics'][string]> | undefined;
  readonly load?: Entries<SurfaceLoad> | undefined;
  readonly phases?: Partly<Surface['phases']> | undefined;
  readonly faults?: Entries<SurfaceFault> | undefined;
  readonly expect?: readonly (Surface['expect'][number] | undefined)[] | undefined;
  readonly 'abort-on'?: readonly (Surface['abort-on'][number] | undefined)[] | undefined;
  readonly 'must-find'?: Surface['must-find'];
  readonly attempts?: number | undefined;
};

/** The entries that could be read at all. */
export function entriesOf<T>(
  entries: Readonly<Record<string, T | undefined>> | undefined,
): [string, T][] {
  return Object.entries(entries ?? {}).flatMap(([name, entry]): [string, T][] =>
    entry === undefined ? [] : [[name, entry]],
  );
}
