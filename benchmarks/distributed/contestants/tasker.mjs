// tasker-distributed, as its guide says.

import { connect, createWorker, defineTasks } from 'tasker-distributed';

const tasks = defineTasks()({ echo: (_, /** @type {number} */ n) => n });

export async function openClient(url, name) {
  const client = await connect(tasks, url, { name });
  return {
    submitMany: (inputs) => client.submitMany('echo', inputs),
    roundTrip: (n) => client.queueTask('echo', n),
    waiting: async () => (await client.stats()).queued,
    close: () => client.close(),
  };
}

export async function openWorker(url, name, concurrency, onTask) {
  const counted = defineTasks()({
    echo: (_, /** @type {number} */ n) => {
      onTask();
      return n;
    },
  });
  const worker = await createWorker(counted, { url, name, workerCount: concurrency, maxWorkerCount: concurrency });
  return { close: () => worker.stop() };
}
