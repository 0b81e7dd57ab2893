/** `ordeal image build`: the images of the docker provider, for sites that cannot pull the official ones. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { knownKafkaVersions } from '../host/kafka-jars.ts';
import { environmentError } from '../lib/errors.ts';
import { hostEnvironment } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { print } from './output.ts';
import { tellProgress } from './view.ts';

type Arguments = { readonly base: string; readonly kafka: string };

/** Debian-like, with a Java runtime; only a site with a registry gets it. */
const BASE = 'eclipse-temurin:17-jre-jammy';

const build: CommandModule<object, Arguments> = {
  command: 'build',
  describe: 'Build the images for Kafka and Toxiproxy from a base image',
  builder: (yargs: Argv) =>
    yargs
      .option('base', {
        type: 'string',
        requiresArg: true,
        default: BASE,
        describe: 'A Debian-like image with Java 17+; used as it is when the engine has it',
      })
      .option('kafka', {
        choices: knownKafkaVersions(),
        default: knownKafkaVersions().at(-1) as string,
        describe: 'The version of Kafka',
      }) as unknown as Argv<Arguments>,
  handler: async ({ base, kafka }: ArgumentsCamelCase<Arguments>) => {
    using interruption = onInterrupt('stopping');
    // Loaded only now: other verbs start without the engine's library.
    const { openEngine } = await import('../host/engine.ts');
    const { buildImages } = await import('../cluster/docker/build-images.ts');
    const { signal } = interruption;
    const host = hostEnvironment();
    const { engine } = await openEngine(host);
    const options = { base, kafka, progress: tellProgress, signal };
    const images = await buildImages(engine, host, options).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      throw environmentError('image.interrupted', 'the images were not built', {
        hint: 'building again goes on from the last finished step',
        cause,
      });
    });
    for (const { reference, id } of images) print(`${reference}  ${id}`);
  },
};

export const image: CommandModule = {
  command: 'image <verb>',
  describe: 'Build the images of the docker provider',
  builder: (yargs: Argv) => yargs.command(build).demandCommand(1, 'name a verb of `ordeal image`'),
  handler: () => {},
};
