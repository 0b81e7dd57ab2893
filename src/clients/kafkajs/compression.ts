/** Kafka's compression names as kafkajs's numbers; gzip is built in, the other codecs are ours. */
import { CompressionTypes } from 'kafkajs';

const TYPES: Readonly<Record<string, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

export function compressionType(name: string | undefined): CompressionTypes {
  const type = TYPES[name ?? 'none'];
  if (type === undefined) throw new Error(`no compression type ${name}`);
  return type;
}
