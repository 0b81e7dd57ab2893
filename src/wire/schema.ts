/**
 * Messages as data: a type knows how to read and how to write itself at any version, so each API is one short
 * table that serves the client, the tests and the broker that lies to them.
 */
import { ProtocolError } from './protocol-error.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** `Out` is what reading gives, `In` what writing takes. */
export type Type<Out, In = Out> = {
  readonly read: (reader: Reader) => Out;
  readonly write: (writer: Writer, value: In) => void;
};

type AnyType = Type<unknown, never>;

/** A field that some versions lack; reading gives the fallback there, and writing may leave it out anywhere. */
export type Optional<Out, In = Out> = Type<Out, In> & {
  readonly since: number;
  readonly until: number;
  readonly tag: number | null;
  readonly fallback: Out;
};

const primitive = <T>(
  read: (reader: Reader) => T,
  write: (writer: Writer, value: T) => void,
): Type<T> => ({ read, write });

export const int8 = primitive(
  (r) => r.int8(),
  (w, v: number) => w.int8(v),
);
export const int16 = primitive(
  (r) => r.int16(),
  (w, v: number) => w.int16(v),
);
export const uint16 = primitive(
  (r) => r.uint16(),
  (w, v: number) => w.uint16(v),
);
export const int32 = primitive(
  (r) => r.int32(),
  (w, v: number) => w.int32(v),
);
export const int64 = primitive(
  (r) => r.int64(),
  (w, v: number) => w.int64(v),
);
export const bool = primitive(
  (r) => r.int8() !== 0,
  (w, v: boolean) => w.int8(v ? 1 : 0),
);

/** Kafka's own notation: 22 characters of URL-safe base64. */
export const uuid = primitive(
  (r) => r.slice(16).toString('base64url'),
  (w, v: string) => w.bytes(Buffer.from(v, 'base64url')),
);
export const NO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

export const nullableString = primitive<string | null>(
  (r) => {
    const length = r.stringLength();
    return length < 0 ? null : r.utf8(length);
  },
  (w, v) => {
    if (v === null) return w.stringLength(-1);
    const encoded = Buffer.from(v, 'utf8');
    w.stringLength(encoded.length);
    w.bytes(encoded);
  },
);

export const nullableBytes: Type<Buffer | null, Uint8Array | null> = {
  read: (r) => {
    const length = r.length();
    return length < 0 ? null : r.slice(length);
  },
  write: (w, v) => {
    if (v === null) return w.arrayLength(-1);
    w.arrayLength(v.length);
    w.bytes(v);
  },
};

export const string = notNull(nullableString, 'string');
export const bytes: Type<Buffer, Uint8Array> = notNull(nullableBytes, 'bytes');

function notNull<O, I>(type: Type<O | null, I | null>, what: string): Type<O, I> {
  return {
    read: (r) => {
      const value = type.read(r);
      if (value === null) throw new ProtocolError(`null where ${what} must be, at ${r.at}`);
      return value;
    },
    write: type.write,
  };
}

export function nullableArray<O, I>(
  item: Type<O, I>,
): Type<readonly O[] | null, readonly I[] | null> {
  return {
    read: (r) => {
      const count = r.length();
      if (count < 0) return null;
      // Every item takes a byte or more, so a damaged count cannot make us allocate or loop.
      if (count > r.left) throw new ProtocolError(`${count} items in ${r.left} bytes`);
      const items: O[] = [];
      for (let i = 0; i < count; i++) items.push(item.read(r));
      return items;
    },
    write: (w, v) => {
      w.arrayLength(v === null ? -1 : v.length);
      for (const value of v ?? []) item.write(w, value);
    },
  };
}

export const array = <O, I>(item: Type<O, I>): Type<readonly O[], readonly I[]> =>
  notNull(nullableArray(item), 'an array');

const optional = <O, I>(
  type: Type<O, I>,
  fallback: O,
  range: { since?: number; until?: number; tag?: number },
): Optional<O, I> => ({
  ...type,
  since: range.since ?? 0,
  until: range.until ?? Number.POSITIVE_INFINITY,
  tag: range.tag ?? null,
  fallback,
});

export const since = <O, I>(version: number, type: Type<O, I>, fallback: O): Optional<O, I> =>
  optional(type, fallback, { since: version });
/** Up to and including `version`. */
export const until = <O, I>(version: number, type: Type<O, I>, fallback: O): Optional<O, I> =>
  optional(type, fallback, { until: version });
export const between = <O, I>(
  from: number,
  to: number,
  type: Type<O, I>,
  fallback: O,
): Optional<O, I> => optional(type, fallback, { since: from, until: to });
/** In every version, but callers may leave it out. */
export const defaulted = <O, I>(type: Type<O, I>, fallback: O): Optional<O, I> =>
  optional(type, fallback, {});
export const tagged = <O, I>(
  tag: number,
  from: number,
  type: Type<O, I>,
  fallback: O,
): Optional<O, I> => optional(type, fallback, { since: from, tag });

type Fields = Readonly<Record<string, AnyType>>;
type OutOf<T> = T extends Type<infer O, never> ? O : never;
type InOf<T> = T extends { readonly write: (writer: Writer, value: infer I) => void } ? I : never;
type OptionalKeys<F> = {
  [K in keyof F]: F[K] extends { readonly since: number } ? K : never;
}[keyof F];
type StructOut<F> = { readonly [K in keyof F]: OutOf<F[K]> };
type StructIn<F> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: InOf<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: InOf<F[K]> | undefined;
};

type Field = {
  readonly name: string;
  readonly type: Type<unknown>;
  readonly since: number;
  readonly until: number;
  readonly tag: number | null;
  readonly fallback: unknown;
};

/** Fields in wire order; in flexible versions the tagged ones follow, in any order. */
export function struct<F extends Fields>(fields: F): Type<StructOut<F>, StructIn<F>> {
  const all: readonly Field[] = Object.entries(fields).map(([name, type]) => ({
    name,
    type: type as unknown as Type<unknown>,
    since: 0,
    until: Number.POSITIVE_INFINITY,
    tag: null,
    fallback: undefined,
    ...pickRange(type),
  }));
  const plain = all.filter((field) => field.tag === null);
  const extra = all.filter((field) => field.tag !== null);
  return {
    read: (r) => {
      const out: Record<string, unknown> = {};
      for (const field of plain) {
        out[field.name] = inVersion(field, r.version) ? field.type.read(r) : field.fallback;
      }
      for (const field of extra) out[field.name] = field.fallback;
      if (r.flexible) readTagged(r, extra, out);
      return out as StructOut<F>;
    },
    write: (w, value) => {
      const given = value as Readonly<Record<string, unknown>>;
      for (const field of plain) {
        if (!inVersion(field, w.version)) continue;
        const own = given[field.name];
        field.type.write(w, own === undefined ? field.fallback : own);
      }
      if (w.flexible) writeTagged(w, extra, given);
    },
  };
}

const inVersion = (field: Field, version: number): boolean =>
  version >= field.since && version <= field.until;

const pickRange = (type: AnyType): Partial<Field> =>
  'since' in type
    ? (({ since, until, tag, fallback }: Field) => ({ since, until, tag, fallback }))(
        type as unknown as Field,
      )
    : {};

function readTagged(r: Reader, fields: readonly Field[], out: Record<string, unknown>): void {
  const count = r.uvarint();
  for (let i = 0; i < count; i++) {
    const tag = r.uvarint();
    const size = r.uvarint();
    const next = r.take(size) + size;
    const field = fields.find((known) => known.tag === tag);
    if (field === undefined) continue;
    r.at = next - size;
    out[field.name] = field.type.read(r);
    if (r.at !== next) throw new ProtocolError(`tagged field ${field.name} is not ${size} bytes`);
  }
}

function writeTagged(
  w: Writer,
  fields: readonly Field[],
  given: Readonly<Record<string, unknown>>,
): void {
  const present = fields.filter(
    (field) => inVersion(field, w.version) && given[field.name] !== undefined,
  );
  w.uvarint(present.length);
  for (const field of present) {
    const body = w.nested();
    field.type.write(body, given[field.name]);
    w.uvarint(field.tag ?? 0);
    w.uvarint(body.length);
    w.bytes(body.done());
  }
}
