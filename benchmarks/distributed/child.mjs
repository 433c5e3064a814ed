// One contestant on one store, in a process of its own: submits, and has workers run what it has submitted.

import { setTimeout } from 'node:timers/promises';
import { argument, report } from '../kit/child.mjs';
import { median, quantile } from '../kit/statistics.mjs';
import { removeQueue } from './contestants/bullmq.mjs';
import { localWorkers, remoteWorkers } from './workers.mjs';

/** Milliseconds in which round trips are counted, and before. */
const PERIOD = 1_500;
const WARM_UP = 300;

const { what, contestant, url, isShared, backlog, inFlight, waiting } = argument;
const { openClient } = await import(`./contestants/${contestant}.mjs`);
const numbers = (count) => Array.from({ length: count }, (_, n) => n);

/** Does `work` with a client of a queue, which goes afterwards. */
async function withQueue(work) {
  const name = `bench-${process.pid}-${work.name}`;
  const client = await openClient(url, name);
  const value = await work(client, name);
  await client.close();
  await removeQueue(url, name);
  return value;
}

/** Milliseconds for each task. */
async function timeSubmission(client) {
  await client.submitMany(numbers(100));
  const startedAt = performance.now();
  await client.submitMany(numbers(backlog));
  return (performance.now() - startedAt) / backlog;
}

/** So many lanes, each of which waits for a result before it submits again. */
async function timeRoundTrips(client, lanes, period = PERIOD) {
  const latencies = [];
  let lost = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (performance.now() < startedAt + period) {
      const from = performance.now();
      const result = await client.roundTrip(7).catch(() => undefined);
      if (result === 7) latencies.push(performance.now() - from);
      else lost += 1;
    }
  };
  await Promise.all(numbers(lanes).map(lane));
  const perTask = (performance.now() - startedAt) / latencies.length;
  return { perTask, p50: median(latencies), p99: quantile(latencies, 0.99), lost };
}

/** Bytes, when what is under way is done. */
async function heap() {
  await setTimeout(500);
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const MEASURES = {
  async speed() {
    const workers = await (isShared ? remoteWorkers : localWorkers)(contestant, url);
    const bulk = await withQueue(async function bulk(client, name) {
      return {
        submit: await timeSubmission(client),
        one: await workers.timeBacklog(name, 1),
        ten: await workers.timeBacklog(name, 10),
      };
    });
    const trips = await withQueue(async function trips(client, name) {
      await workers.start(name, 10);
      await timeRoundTrips(client, 1, WARM_UP);
      const alone = await timeRoundTrips(client, 1);
      const many = await timeRoundTrips(client, inFlight);
      await workers.stop();
      return {
        ...{ p50: alone.p50, p99: alone.p99 },
        ...{ many: many.perTask, manyP50: many.p50, manyP99: many.p99, lost: alone.lost + many.lost },
      };
    });
    return { ...bulk, ...trips };
  },

  /** Bytes of heap for each result that is waited for. */
  async memory() {
    const client = await openClient(url, `bench-${process.pid}-memory`);
    const before = await heap();
    const results = numbers(waiting).map((n) => client.roundTrip(n));
    for (const result of results) result.catch(() => {});
    while ((await client.waiting()) < results.length) await setTimeout(100);
    return { bytes: ((await heap()) - before) / results.length };
  },
};

report(await MEASURES[what]());
