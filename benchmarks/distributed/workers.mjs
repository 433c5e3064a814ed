// Workers of a contestant, in this process or in one of their own.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Milliseconds before a backlog is counted, and in which it is. */
const WARM_UP = 300;
const PERIOD = 1_200;

/** In this process. */
export async function localWorkers(contestant, url) {
  const { openWorker } = await import(`./contestants/${contestant}.mjs`);
  let worker;
  return {
    start: async (name, concurrency) => {
      worker = await openWorker(url, name, concurrency, () => {});
    },
    stop: () => worker.close(),
    /** Milliseconds for each task of a queue that does not get empty. */
    timeBacklog: async (name, concurrency) => {
      const begun = [];
      // By the tasks themselves: on PGlite BullMQ may leave no turn of the event loop to a timer.
      await new Promise((resolve, reject) => {
        const onTask = () => {
          const now = performance.now();
          begun.push(now);
          if (now - begun[0] > WARM_UP + PERIOD) resolve(undefined);
        };
        openWorker(url, name, concurrency, onTask).then((opened) => (worker = opened), reject);
        setTimeout(resolve, 5 * PERIOD); // should it get empty all the same
      });
      await worker.close();
      const counted = begun.filter((at) => at >= begun[0] + WARM_UP);
      return (counted.at(-1) - counted[0]) / (counted.length - 1);
    },
  };
}

/** In another one, which ends with this one. */
export async function remoteWorkers(contestant, url) {
  const child = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), [contestant, url]);
  await once(child, 'message');
  const call =
    (method) =>
    async (...args) => {
      child.send({ method, args });
      const [{ value, error }] = await once(child, 'message');
      if (error !== undefined) throw new Error(error);
      return value;
    };
  return { start: call('start'), stop: call('stop'), timeBacklog: call('timeBacklog') };
}
