/** A follower's program for tests of the harness's side: it does what the name of the only load says. */
const say = (message) => process.send(message);
const ORDERS = {
  start: ({ plan }) => {
    const [load] = plan.loads;
    if (load === 'dies') process.exit(7);
    if (load === 'fails') {
      say({ type: 'failed', message: 'no broker answered' });
      return process.disconnect();
    }
    say({ type: 'event', event: { t: 1, type: 'followed', read: 5 } });
    ORDERS.stop = () => {
      if (load === 'deaf') return;
      say({ type: 'event', event: { t: 2, type: 'follower-ended', read: 5 } });
      process.disconnect();
    };
  },
};

process.on('message', (message) => ORDERS[message.type]?.(message));
process.on('disconnect', () => process.exit(0));
