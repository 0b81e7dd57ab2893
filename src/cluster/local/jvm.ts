/** How a Kafka JVM is started as a child process: its flags, the hosts file, the class-data archive. */
import type { Java } from '../../host/java.ts';
import type { KafkaJars } from '../../host/kafka-jars.ts';
import type { ClusterSpec } from '../../scenario/scenario.ts';
import { heapFlags, performanceFlags } from '../jvm-flags.ts';
import type { NodeFiles } from './node-files.ts';

export type JvmOptions = {
  readonly java: Java;
  readonly jars: KafkaJars;
  readonly heapBytes: number;
  readonly jvm: ClusterSpec['jvm'];
  readonly files: Pick<NodeFiles, 'hosts' | 'log4j'>;
  /** Classes parsed and verified beforehand; null to do without. */
  readonly archive: { readonly use: string } | { readonly make: string } | null;
};

/** Arguments for `java` that run Kafka with a properties file. */
export function kafkaArguments(options: JvmOptions, propertiesFile: string): readonly string[] {
  return [
    ...performanceFlags(options.jvm),
    ...heapFlags(options.heapBytes),
    ...archiveFlags(options.archive),
    `-Djdk.net.hosts.file=${options.files.hosts}`,
    `-Dlog4j2.configurationFile=${options.files.log4j}`,
    '-cp',
    options.jars.classpath.join(':'),
    'kafka.Kafka',
    propertiesFile,
  ];
}

function archiveFlags(archive: JvmOptions['archive']): readonly string[] {
  if (archive === null) return [];
  return 'use' in archive
    ? [`-XX:SharedArchiveFile=${archive.use}`, '-Xshare:auto']
    : [`-XX:ArchiveClassesAtExit=${archive.make}`];
}

/** Everything to stdout, which goes to the node's file in the run folder. */
export const LOG4J_PROPERTIES = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
