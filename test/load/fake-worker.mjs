/** A worker program for tests of the harness's side: it does what the load's topic says. */
import { basename } from 'node:path';

const say = (message) => process.send(message);
const tell = (line) => say({ type: 'counts', seconds: [], histograms: [line] });
let plan;
let schedule;

const START = {
  silent: () => {},
  dies: () => process.exit(7),
  'cannot-start': () => say({ type: 'failed', code: 'x.y', message: 'no', hint: 'do' }),
};

const start = (message) => {
  plan = message.plan;
  const special = START[plan.load.topic];
  if (special) return special();
  if (plan.load.kind === 'consume') {
    const event = { t: 1, type: 'assignment', load: plan.load.name, worker: plan.worker };
    say({
      type: 'event',
      event: { ...event, consumer: 0, change: 'assigned', partitions: [0, 1] },
    });
  }
  if (plan.load.topic === 'dies-again' && plan.incarnation > 0) process.exit(7);
  if (plan.load.topic === 'tells-plan') {
    tell(
      `incarnation ${plan.incarnation}, begun ${JSON.stringify(plan.begun)}, in ${basename(process.argv[2])}`,
    );
  }
  say({ type: 'ready' });
};

const ORDERS = {
  start,
  begin: (message) => {
    schedule = message.schedule;
    say({ type: 'status', offered: 10, pending: 3, received: 2, slowed: 0 });
    const second = { load: plan.load.name, worker: plan.worker, second: 0, offered: 10 };
    say({ type: 'counts', seconds: [second], histograms: [`line ${schedule.endUs}`] });
    if (plan.load.topic === 'disk-full') {
      say({ type: 'failed', code: 'ledger.unwritable', message: 'full' });
    }
  },
  disturb: (message) => tell(`disturb ${message.slowMs}`),
  stop: () => {
    if (plan.load.topic === 'deaf') return;
    say({ type: 'stopped' });
    process.disconnect();
  },
};

process.on('message', (message) => ORDERS[message.type](message));
process.on('disconnect', () => process.exit(0));
