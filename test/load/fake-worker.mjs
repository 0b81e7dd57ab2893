/** A worker program for tests of the harness's side: it does what the load's topic says. */
const say = (message) => process.send(message);
let plan;
let schedule;

const START = {
  silent: () => {},
  dies: () => process.exit(7),
  'cannot-start': () => say({ type: 'failed', code: 'x.y', message: 'no', hint: 'do' }),
};

process.on('message', (message) => {
  if (message.type === 'start') {
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
    say({ type: 'ready' });
  }
  if (message.type === 'begin') {
    schedule = message.schedule;
    say({ type: 'status', offered: 10, pending: 3, received: 2 });
    const second = { load: plan.load.name, worker: plan.worker, second: 0, offered: 10 };
    say({ type: 'counts', seconds: [second], histograms: [`line ${schedule.endUs}`] });
    if (plan.load.topic === 'disk-full') {
      say({ type: 'failed', code: 'ledger.unwritable', message: 'full' });
    }
  }
  if (message.type === 'stop') {
    if (plan.load.topic === 'deaf') return;
    say({ type: 'stopped' });
    process.disconnect();
  }
});
process.on('disconnect', () => process.exit(0));
