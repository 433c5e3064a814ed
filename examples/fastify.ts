/** Fastify before a task manager, ended as Kubernetes does it: not ready, then closed, then stopped. Sends itself the requests. */
import { setTimeout } from 'node:timers/promises';
import Fastify from 'fastify';
import { isTaskerError, startTaskManager } from 'tasker';

const GRACE = 200; // ms; in Kubernetes some seconds: until no balancer sends requests any more

const app = Fastify();
const jobs = startTaskManager({
  onCreate: () => setTimeout(50, { run: async (ms: number) => setTimeout(ms, `done after ${ms} ms`) }),
  onDestroy: () => {},
  workerCount: 1,
  resourcePoolSize: 0,
  maxQueueSize: 100,
  queueTimeout: 5_000,
});
app.addHook('onReady', () => jobs.ready); // do not listen before the first resource is there

let isClosing = false;
app.get('/ready', (_, reply) => reply.code(isClosing ? 503 : 200).send());

app.get<{ Querystring: { ms: string } }>('/job', async ({ query }) =>
  jobs.queueTask((job) => job.run(Number(query.ms))),
);

// No room, or too late: somebody else may serve it, and the same request may come again.
app.setErrorHandler((error, _, reply) =>
  isTaskerError(error) ? reply.code(503).header('retry-after', 1).send() : reply.send(error),
);

// Runs when the last request has its answer: so the manager is there for as long as requests are.
app.addHook('onClose', async () => {
  await jobs.stop({ timeout: 10_000 });
});

async function shutDown(): Promise<void> {
  isClosing = true;
  await setTimeout(GRACE);
  await app.close();
}
const closed = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve(shutDown())));

const url = await app.listen({ port: 0, host: '127.0.0.1' });
const ask = async (path: string): Promise<string> => {
  const response = await fetch(url + path, { headers: { connection: 'close' } });
  return `${response.status} ${await response.text()}`.trim();
};
console.log(`ready: ${await ask('/ready')}`);
const slow = ask('/job?ms=600');
await setTimeout(50);
process.kill(process.pid, 'SIGTERM');
await setTimeout(50);
console.log(`ready: ${await ask('/ready')}`);
console.log(`a request that still comes: ${await ask('/job?ms=1')}`);
console.log(`a request under way: ${await slow}`);
await closed;
console.log(`the manager is ${jobs.stats().state}`);
