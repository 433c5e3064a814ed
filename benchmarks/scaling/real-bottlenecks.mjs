// What all tasks share, for real: a table that a lock serialises, the CPU behind PostgreSQL, the CPU under threads, a service that refuses. Fixed
// numbers of workers beside what the law makes of it. Nothing here is a target: it depends on the machine, and on who else uses it.

import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import { tsImport } from 'tsx/esm/api';
import { alignTable } from '../kit/table.mjs';

const MOST = 16;
/** Seconds: of a run with a fixed number, and before what is measured of it. */
const FIXED = { calm: 0, flood: 8, warmUp: 2 };
/** The law learns what a task takes when few run, then meets a flood; the last 20 s of it are measured. */
const LEARNING = { calm: 5, flood: 45, warmUp: 25 };
/** Tasks that wait during the flood. */
const BACKLOG = 100;

/** `config` of a manager and `task` for it. Opened for each run afresh but for PostgreSQL, which is `shared`. */
const BOTTLENECKS = [
  {
    name: 'lock',
    title: 'PostgreSQL: 10 ms, then 4 ms in a table that a lock serialises',
    open: () =>
      postgres(async (client) => {
        await client.query('select pg_sleep(0.01)');
        await client.query(
          'begin; lock table counter in exclusive mode; update counter set n = n + 1; select pg_sleep(0.004); commit',
        );
      }),
  },
  {
    name: 'query',
    title: 'PostgreSQL: a query that computes for some 10 ms',
    open: () => postgres((client) => client.query('select sum(sqrt(i)) from generate_series(1, 60000) as i')),
  },
  {
    name: 'threads',
    title: 'threads that compute for some 10 ms',
    open: async () => ({
      config: threads(new URL('../threads/modules/tasker.mjs', import.meta.url)),
      task: (thread) => thread.run('roots', 3_000_000),
      close: () => {},
    }),
  },
  {
    name: 'service',
    title: 'a service that takes 20 ms, and refuses more than 6 at a time with a 503',
    open: service,
  },
];

let shared;

async function postgres(task) {
  shared ??= (async () => {
    const file = new URL('../../packages/tasker/test/faults/postgres-server.ts', import.meta.url);
    const { PostgresServer } = await tsImport(file.href, import.meta.url);
    const server = await PostgresServer.create();
    await server.start();
    await server.query('create table counter as select 0 as n');
    return server;
  })();
  const server = await shared;
  const onCreate = async () => {
    const client = server.client();
    await client.connect();
    return client;
  };
  return { config: { onCreate, onDestroy: (client) => client.end() }, task, close: () => {} };
}

async function service() {
  let running = 0;
  const server = createServer((_request, response) => {
    if (running >= 6) {
      response.writeHead(503).end();
      return;
    }
    running++;
    setTimeout(() => {
      running--;
      response.end();
    }, 20);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const call = async (agent) => {
    const [response] = await once(get({ agent, port, host: '127.0.0.1' }), 'response');
    await text(response); // to its end, or the connection could not be used again
    if (response.statusCode !== 200) throw new Error('refused');
  };
  return {
    config: {
      onCreate: () => new Agent({ keepAlive: true, maxSockets: 1 }),
      onDestroy: (agent) => agent.destroy(),
      checkHealth: () => ({ overload: true }),
    },
    task: call,
    close: () => server.close(),
  };
}

/** How many workers there may be, and for how long each is looked at. */
const CONTESTANTS = [
  ...[1, 2, 4, 8, MOST].map((workers) => ({
    name: workers === 1 ? '1 worker' : `${workers} workers`,
    options: { workerCount: workers, scaling: 'off' },
    times: FIXED,
  })),
  {
    name: 'growthMustPay: false',
    options: { workerCount: 2, maxWorkerCount: MOST, growthMustPay: false },
    times: LEARNING,
  },
  { name: 'by default', options: { workerCount: 2, maxWorkerCount: MOST }, times: LEARNING },
];

/** One manager at one bottleneck: what it has done per second, with how many tasks running and workers, and how often it was refused. */
async function measure({ open }, { options, times }) {
  const { config, task, close } = await open();
  const manager = await createTaskManager({ ...config, ...options, resourcePoolSize: 0 });
  const calmUntil = performance.now() + times.calm * 1_000;
  while (performance.now() < calmUntil) {
    await manager.queueTask(task);
    await sleep(20);
  }
  const errors = new Set();
  let isOver = false;
  const flood = (async () => {
    for (;;) {
      await manager.onSizeLessThan(BACKLOG);
      if (isOver) return;
      manager.queueTask(task).catch((error) => isOver || errors.add(String(error)));
    }
  })();
  await sleep(times.warmUp * 1_000);
  const before = manager.metrics();
  const since = performance.now();
  let [looks, running, workers] = [0, 0, 0];
  while (performance.now() < since + (times.flood - times.warmUp) * 1_000) {
    await sleep(50);
    const stats = manager.stats();
    looks++;
    running += stats.runningTasks;
    workers += stats.activeWorkers;
  }
  const after = manager.metrics();
  const seconds = (performance.now() - since) / 1_000;
  isOver = true;
  await manager.kill();
  await flood.catch(() => {}); // waits for room that will never be
  await close();
  for (const error of errors) console.error(`a task was lost: ${error}`);
  return {
    throughput: (after.totalTasksCompleted - before.totalTasksCompleted) / seconds,
    refused: (after.totalTasksRetried - before.totalTasksRetried) / seconds,
    running: running / looks,
    workers: workers / looks,
  };
}

/** Tables as text, some ten minutes later; only bottlenecks of these names, if there are any. */
export async function compareBottlenecks(names) {
  const unknown = names.find((name) => !BOTTLENECKS.some((bottleneck) => bottleneck.name === name));
  if (unknown !== undefined) throw new Error(`no real bottleneck is called ${unknown}`);
  try {
    for (const bottleneck of BOTTLENECKS) {
      if (names.length > 0 && !names.includes(bottleneck.name)) continue;
      const rows = [];
      for (const contestant of CONTESTANTS) rows.push([contestant.name, await measure(bottleneck, contestant)]);
      const best = Math.max(...rows.map(([, { throughput }]) => throughput));
      const cells = rows.map(([name, { throughput, running, workers, refused }]) => [
        name,
        throughput.toFixed(0),
        `${((throughput / best) * 100).toFixed(0)} %`,
        running.toFixed(1),
        workers.toFixed(1),
        refused.toFixed(1),
      ]);
      const head = [bottleneck.name, 'tasks per second', '÷ best', 'running', 'workers', 'refused per second'];
      console.log(`${bottleneck.title}\n\n${alignTable([head, ...cells])}\n`);
    }
  } finally {
    if (shared !== undefined) await (await shared).remove();
  }
}
