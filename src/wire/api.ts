/** Requests and responses as frames: a length, a header that depends on API and version, a body. */
import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';
import type { Type } from './schema.ts';
import { Writer } from './writer.ts';

/** One API of the protocol with the versions that our tables cover. */
export type Api<Request, Response, RequestIn = Request, ResponseIn = Response> = {
  readonly key: number;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** The first version with compact strings and tagged fields. */
  readonly flexible: number;
  readonly request: Type<Request, RequestIn>;
  readonly response: Type<Response, ResponseIn>;
};

/** For tables of APIs of which only the keys and versions matter. */
export type AnyApi = Api<unknown, unknown, never, never>;

export type RequestOf<A> = A extends Api<infer Q, unknown, never, never> ? Q : never;
export type ResponseOf<A> = A extends Api<unknown, infer S, never, never> ? S : never;

export const defineApi = <Q, S, QI, SI>(api: Api<Q, S, QI, SI>): Api<Q, S, QI, SI> => api;

export const API_VERSIONS_KEY = 18;

/** The whole frame, its length included. */
export function encodeRequest<QI>(
  api: Api<unknown, unknown, QI, never>,
  version: number,
  correlationId: number,
  clientId: string,
  request: QI,
): Buffer {
  const writer = frame(api, version);
  const id = Buffer.from(clientId, 'utf8');
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  // The client id stays an old-style string even where everything else is compact.
  writer.int16(id.length);
  writer.bytes(id);
  if (writer.flexible) writer.uvarint(0);
  api.request.write(writer, request);
  return closeFrame(writer);
}

/** Decodes the body of a response frame, after its correlation id at [0, 4). */
export function decodeResponse<S>(
  api: Api<unknown, S, never, never>,
  version: number,
  payload: Buffer,
): S {
  const reader = new Reader(payload, 4);
  reader.version = version;
  reader.flexible = version >= api.flexible;
  return guarded(`${api.name} v${version} response`, () => {
    if (reader.flexible && api.key !== API_VERSIONS_KEY) skipTags(reader);
    return api.response.read(reader);
  });
}

export type RequestHeader = {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
};

/** The server's side: reads a request's header; `reader` is left at the start of the body's header tags. */
export function decodeRequestHeader(payload: Buffer): { header: RequestHeader; reader: Reader } {
  const reader = new Reader(payload);
  const header = guarded('request header', () => ({
    key: reader.int16(),
    version: reader.int16(),
    correlationId: reader.int32(),
    clientId: nullable(reader),
  }));
  return { header, reader };
}

/** The server's side: the request's body. */
export function decodeRequest<Q>(
  api: Api<Q, unknown, never, never>,
  version: number,
  reader: Reader,
): Q {
  reader.version = version;
  reader.flexible = version >= api.flexible;
  return guarded(`${api.name} v${version} request`, () => {
    if (reader.flexible) skipTags(reader);
    return api.request.read(reader);
  });
}

/** The server's side: the whole frame of an answer. */
export function encodeResponse<SI>(
  api: Api<unknown, unknown, never, SI>,
  version: number,
  correlationId: number,
  response: SI,
): Buffer {
  const writer = frame(api, version);
  writer.int32(correlationId);
  if (writer.flexible && api.key !== API_VERSIONS_KEY) writer.uvarint(0);
  api.response.write(writer, response);
  return closeFrame(writer);
}

function frame(api: { readonly flexible: number }, version: number): Writer {
  const writer = new Writer();
  writer.version = version;
  writer.flexible = version >= api.flexible;
  writer.int32(0);
  return writer;
}

function closeFrame(writer: Writer): Buffer {
  writer.patchInt32(0, writer.length - 4);
  return writer.done();
}

function nullable(reader: Reader): string | null {
  const length = reader.int16();
  return length < 0 ? null : reader.utf8(length);
}

function skipTags(reader: Reader): void {
  const count = reader.uvarint();
  for (let i = 0; i < count; i++) {
    reader.uvarint();
    reader.take(reader.uvarint());
  }
}

function guarded<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ProtocolError ? error.within(what) : error;
  }
}
