// BullMQ alone, as its guide says.

import { Queue, QueueEvents, Worker, createPostgresBackend } from 'bullmq';
import pg from 'pg';
import { openStore } from '../../../packages/tasker-distributed/dist/store/open-store.js';

/** On PostgreSQL some events never come, and without a limit they are waited for for ever. Ms. */
const TTL = 2_000;

/** The last arguments of its constructors, as one writes them for a store; `end` closes what they leave open. */
async function backendOf(url) {
  if (url.startsWith('redis')) return { connection: { url }, end: () => {} };
  if (url.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: url, options: '-c search_path=bullmq', keepAlive: true });
    return { connection: pool, factory: createPostgresBackend, ttl: TTL, end: () => pool.end() };
  }
  // It knows no PGlite: what it takes for PostgreSQL is ours.
  const store = await openStore(url);
  return { connection: store.connection, factory: store.factory, ttl: TTL, end: () => store.close() };
}

export async function openClient(url, name) {
  const { connection, factory, ttl, end } = await backendOf(url);
  const defaultJobOptions = { removeOnComplete: { age: 3_600 }, removeOnFail: { age: 3_600 } };
  const queue = new Queue(name, { connection, defaultJobOptions }, factory);
  const events = new QueueEvents(name, { connection }, factory);
  events.setMaxListeners(0);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  return {
    submitMany: (inputs) => queue.addBulk(inputs.map((n) => ({ name: 'echo', data: n }))),
    roundTrip: async (n) => {
      const job = await queue.add('echo', n);
      return job.waitUntilFinished(events, ttl);
    },
    waiting: () => queue.count(),
    close: async () => {
      await Promise.all([queue.close(), events.close()]);
      await end();
    },
  };
}

export async function openWorker(url, name, concurrency, onTask) {
  const { connection, factory, end } = await backendOf(url);
  const run = async (job) => {
    onTask();
    return job.data;
  };
  const worker = new Worker(name, run, { connection, concurrency }, factory);
  worker.on('error', () => {});
  await worker.waitUntilReady();
  return {
    close: async () => {
      await worker.close();
      await end();
    },
  };
}

/** Leaves nothing of a queue, whoever has made it. */
export async function removeQueue(url, name) {
  const { connection, factory, end } = await backendOf(url);
  const queue = new Queue(name, { connection, skipMetasUpdate: true }, factory);
  await queue.obliterate({ force: true, count: 20_000 });
  await queue.close();
  await end();
}
