/** What every client of a worker is told about the cluster and itself. */
import type { ClientContext } from '../clients/client.ts';
import { createRoute } from '../lib/route.ts';
import { topicInKafka } from '../scenario/kafka-names.ts';
import type { WorkerPlan } from './protocol.ts';
import type { BodyContext } from './worker-body.ts';

type Surroundings = {
  readonly plan: WorkerPlan;
  readonly context: Pick<BodyContext, 'clock'>;
  readonly onProblem: (code: string, message: string) => void;
};

/** `member` is its number within the load. */
export function clientContext(
  { plan, context, onProblem }: Surroundings,
  member: number,
): ClientContext {
  const { load, bootstrap, routes, connection, config, names } = plan;
  return {
    bootstrap,
    route: createRoute(routes),
    connection,
    config,
    clientId: `${config['client.id']}-${member}`,
    topic: topicInKafka(names, load.topic),
    clock: context.clock,
    onProblem,
  };
}
