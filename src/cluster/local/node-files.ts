/** The files a local node starts from: its settings, its formatted disk, its hosts file, its logging. */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { KafkaConfig } from '../../scenario/scenario.ts';
import { CLUSTER_ID, type PlacedNode, propertiesText } from '../broker-config.ts';
import type { HostEntry } from '../placement.ts';
import { LOG4J_PROPERTIES } from './jvm.ts';

/** What local listeners are bound to. */
export const LOOPBACK = '127.0.0.1';

export type NodeFiles = {
  readonly properties: string;
  readonly hosts: string;
  readonly log4j: string;
};

/** Writes them beside the node's data folder, and the marks of a formatted disk into it. */
export async function writeNodeFiles(
  node: PlacedNode,
  config: KafkaConfig,
  hosts: readonly HostEntry[],
  checkpoint: string,
): Promise<NodeFiles> {
  await mkdir(node.dataDir, { recursive: true });
  const files = {
    properties: `${node.dataDir}.properties`,
    hosts: `${node.dataDir}.hosts`,
    log4j: `${node.dataDir}.log4j2.properties`,
  };
  const meta = {
    version: '1',
    'cluster.id': CLUSTER_ID,
    'node.id': String(node.id),
    'directory.id': directoryId(),
  };
  await Promise.all([
    writeFile(files.properties, propertiesText(config)),
    writeFile(files.hosts, hostsText(hosts)),
    writeFile(files.log4j, LOG4J_PROPERTIES),
    writeFile(join(node.dataDir, 'meta.properties'), propertiesText(meta)),
    copyFile(checkpoint, join(node.dataDir, 'bootstrap.checkpoint')),
  ]);
  return files;
}

/** It replaces DNS for the JVM, so it names this machine besides the peers. */
const hostsText = (peers: readonly HostEntry[]): string =>
  [{ address: LOOPBACK, name: 'localhost' }, { address: LOOPBACK, name: hostname() }, ...peers]
    .map(({ address, name }) => `${address} ${name}\n`)
    .join('');

/** Kafka's random ids: 16 bytes in URL-safe Base64 that do not begin with a dash. */
function directoryId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
