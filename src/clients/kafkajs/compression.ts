/** Kafka's compression names as kafkajs's numbers; gzip is built in, the other codecs are those of `wire/`. */
import kafkajs from 'kafkajs';
import { CODECS, type CodecName } from '../../wire/compression.ts';

/** kafkajs's encoders carry the bytes to compress. */
type Encoder = { readonly buffer: Buffer };

type CodecTable = Record<
  number,
  () => {
    compress: (encoder: Encoder) => Promise<Buffer>;
    decompress: (data: Buffer) => Promise<Buffer>;
  }
>;

const codecs: CodecTable = kafkajs.CompressionCodecs;

/** Makes kafkajs able to write and read every codec of Kafka's; it keeps one table for the whole process. */
export function registerCodecs(): void {
  for (const name of ['snappy', 'lz4', 'zstd'] as const) {
    const { id, compress, decompress } = CODECS[name];
    codecs[id] = () => ({
      compress: ({ buffer }: Encoder) => compress(buffer),
      decompress,
    });
  }
}

export const compressionType = (name: string | undefined): number =>
  CODECS[(name ?? 'none') as CodecName].id;
