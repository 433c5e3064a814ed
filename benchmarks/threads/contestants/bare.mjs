// By hand: two threads, a message there and one back for each call, and nothing that could go wrong is seen to.

import { Worker } from 'node:worker_threads';

const MODULE = new URL('../modules/bare.mjs', import.meta.url);

export function open({ threads }) {
  const all = Array.from({ length: threads }, start);
  /** To the one with fewer calls. */
  const choose = () => all.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
  return {
    call: (name, value) => choose().call(name, value),
    /** One at a time: nothing but the value travels. */
    echo: (value) => all[0].ask(value),
    pass: (buffer) => all[0].ask(buffer, [buffer]),
    /** `calls` of `roots(count)` shared by the threads, without messages; the sum of all. */
    async loop(calls, count) {
      const sums = await Promise.all(all.map(({ ask }) => ask({ calls: calls / threads, count })));
      return sums.reduce((a, b) => a + b);
    },
    close: () => Promise.all(all.map(({ worker }) => worker.terminate())),
  };
}

function start() {
  const worker = new Worker(MODULE);
  const waiting = new Map();
  let lastId = 0;
  let answer;
  worker.on('message', (message) => {
    if (!Array.isArray(message)) return answer(message);
    const [id, value] = message;
    const resolve = waiting.get(id);
    waiting.delete(id);
    return resolve(value);
  });
  return {
    worker,
    waiting,
    call: (name, value) =>
      new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        worker.postMessage([lastId, name, value]); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has none
      }),
    ask: (message, transfer) =>
      new Promise((resolve) => {
        answer = resolve;
        worker.postMessage(message, transfer);
      }),
  };
}
