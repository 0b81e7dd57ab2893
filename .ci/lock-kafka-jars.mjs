/**
 * For developers: writes src/host/kafka-VERSION.lock.json, the jars that a Kafka version runs on, with their
 * digests. Usage: node .ci/lock-kafka-jars.mjs 4.3.1 (needs Maven)
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error('usage: node .ci/lock-kafka-jars.mjs KAFKA_VERSION');

const work = mkdtempSync(join(tmpdir(), 'ordeal-lock-'));
try {
  const kafka = ['kafka_2.13', 'kafka-tools'].map((artifact) => ['org.apache.kafka', artifact, version]);
  // The log4j that this Kafka brings decides which binding fits it.
  const log4j = copyJars(kafka).find(({ artifactId }) => artifactId === 'log4j-core');
  const binding = ['org.apache.logging.log4j', 'log4j-slf4j-impl', log4j.version];
  const jars = copyJars([...kafka, binding]);
  const lines = jars.map((jar) => `    ${JSON.stringify(jar)}`).join(',\n');
  const path = new URL(`../src/host/kafka-${version}.lock.json`, import.meta.url);
  writeFileSync(path, `{\n  "kafka": "${version}",\n  "jars": [\n${lines}\n  ]\n}\n`);
  console.log(`${jars.length} jars, ${jars.reduce((sum, { size }) => sum + size, 0)} bytes`);
} finally {
  rmSync(work, { recursive: true });
}

/** The runtime class path of these artifacts, sorted by path. */
function copyJars(artifacts) {
  const dependencies = artifacts.map(
    ([groupId, artifactId, of]) =>
      `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${of}</version></dependency>`,
  );
  writeFileSync(
    join(work, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>o</groupId><artifactId>o</artifactId><version>1</version>
     <dependencies>${dependencies.join('')}</dependencies></project>`,
  );
  const repository = join(work, 'repository');
  execFileSync(
    'mvn',
    [
      ...['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime'],
      ...['-Dmdep.useRepositoryLayout=true', `-DoutputDirectory=${repository}`],
    ],
    { cwd: work, stdio: 'inherit' },
  );
  return readdirSync(repository, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jar'))
    .sort()
    .map((path) => lockedJar(path, readFileSync(join(repository, path))));
}

function lockedJar(path, bytes) {
  const parts = path.split(sep).slice(0, -1);
  const [artifactId, of] = parts.splice(-2);
  return {
    groupId: parts.join('.'),
    artifactId,
    version: of,
    sha512: createHash('sha512').update(bytes).digest('hex'),
    size: bytes.length,
  };
}
