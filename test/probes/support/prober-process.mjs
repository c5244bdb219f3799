// A prober in a process of its own, from the built program. Log and samples are its parent's, asked for over the channel:
//   parent -> child  { runId, plan, spoolDir }, then { id, value } or { id, error }
//   child -> parent  { id, of, method, args }
import { systemClock } from '../../../dist/app/system-clock.js';
import { probe } from '../../../dist/probes/prober.js';

const waiting = new Map();
let calls = 0;

const remote = (of) =>
  new Proxy(
    {},
    {
      get:
        (_target, method) =>
        (...args) =>
          new Promise((resolve, reject) => {
            calls += 1;
            waiting.set(calls, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
            process.send({ id: calls, of, method, args });
          }),
    },
  );

process.on('message', (message) => {
  if ('id' in message) {
    waiting.get(message.id)(message);
    waiting.delete(message.id);
    return;
  }
  const run = {
    ...message,
    log: remote('log'),
    samples: remote('samples'),
    clock: systemClock(),
    ownerAlive: () => Promise.resolve(true),
    env: {},
    note: () => undefined,
  };
  void probe(run).then(() => process.disconnect());
});
