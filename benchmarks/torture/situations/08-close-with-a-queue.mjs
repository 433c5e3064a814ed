// The queue is closed in good order. Do the promises of what waited in it settle?

import puppeteerCluster from 'puppeteer-cluster';
import { count, openTasker, outcomeOf, sleep } from '../measure.mjs';

// Its documented way to bring one's own concurrency, here without a browser. The page listens to nothing.
class NoBrowser {
  async init() {}
  async close() {}
  async workerInstance() {
    const job = { resources: { page: { on() {} } }, close: async () => {} };
    return { jobInstance: async () => job, close: async () => {}, repair: async () => {} };
  }
}

async function cluster(pause) {
  const { Cluster } = puppeteerCluster;
  const it = await Cluster.launch({ concurrency: NoBrowser, maxConcurrency: 1, puppeteer: {} });
  return { add: (task) => it.execute(task), close: () => it.close(), pause };
}

export default {
  title: 'closed, while one task runs and 5 wait',
  notes: [
    'puppeteer-cluster, run with a concurrency of our own and no browser, was closed at once after the last call and 20 ms after it. Its documentation recommends to await idle() before close().',
  ],
  contestants: {
    'puppeteer-cluster close() at once': () => cluster(0),
    'puppeteer-cluster close() 20 ms later': () => cluster(20),
    tasker: async () => {
      const manager = await openTasker();
      return { add: (task) => manager.queueTask(task), close: () => manager.stop() };
    },
  },
  async scenario(open) {
    const { add, close, pause = 0 } = await open();
    let started;
    const firstStarted = new Promise((resolve) => {
      started = resolve;
    });
    let closed = false;
    let late = 0;
    const task = async () => {
      started();
      if (closed) late += 1;
      await sleep(100);
    };
    const first = outcomeOf(add(task), 3_000);
    await firstStarted;
    const waits = [first, ...Array.from({ length: 5 }, () => outcomeOf(add(task), 3_000))];
    if (pause > 0) await sleep(pause);
    await close();
    closed = true;
    const pending = count(await Promise.all(waits), 'pending');
    const outcome = pending === 0 ? 'all settle' : `${pending} of 6 promises pend for ever`;
    return {
      right: pending === 0 && late === 0,
      outcome: late === 0 ? outcome : `${outcome}, ${late} start after close() has resolved`,
    };
  },
};
