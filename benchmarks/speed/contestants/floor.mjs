// What nobody can be much faster than: the least code by hand that runs tasks on resources. An array with a head index, a
// free list, one promise for each task, and no feature.

import { makeResources } from './free-list.mjs';

export const mostTasks = Infinity;
export const note = 'The heap is measured in one round: it does not vary.';

const COMPACT_FROM = 1_024;

class ArrayQueue {
  #items = [];
  #head = 0;

  get isEmpty() {
    return this.#head === this.#items.length;
  }

  push(item) {
    this.#items.push(item);
  }

  shift() {
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.isEmpty) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > COMPACT_FROM && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

/** With priorities: a queue for each, known beforehand, and the number of the highest that holds something. */
class Levels {
  #levels;
  #top = 0;

  constructor(count) {
    this.#levels = Array.from({ length: count }, () => new ArrayQueue());
  }

  get isEmpty() {
    while (this.#top > 0 && this.#levels[this.#top].isEmpty) this.#top -= 1;
    return this.#levels[this.#top].isEmpty;
  }

  push(item, priority) {
    this.#levels[priority].push(item);
    if (priority > this.#top) this.#top = priority;
  }

  /** Only after a look at `isEmpty`. */
  shift() {
    return this.#levels[this.#top].shift();
  }
}

export async function open({ concurrency, priorities = 1 }) {
  const free = makeResources(concurrency);
  const queue = priorities > 1 ? new Levels(priorities) : new ArrayQueue();

  const proceed = (resource) => {
    while (!queue.isEmpty) {
      const job = queue.shift();
      if (!job.isCancelled) {
        start(job, resource);
        return;
      }
    }
    free.push(resource);
  };
  const end = (settle, outcome, resource) => {
    settle(outcome);
    proceed(resource);
  };
  const start = ({ task, resolve, reject }, resource) => {
    let result;
    try {
      result = task(resource);
    } catch (error) {
      end(reject, error, resource);
      return;
    }
    if (typeof result?.then === 'function') {
      result.then(
        (value) => end(resolve, value, resource),
        (error) => end(reject, error, resource),
      );
    } else {
      end(resolve, result, resource);
    }
  };
  const add = (job, priority) => {
    if (free.length > 0) start(job, free.pop());
    else queue.push(job, priority);
  };

  return {
    run: (task) => new Promise((resolve, reject) => add({ task, resolve, reject, isCancelled: false }, 0)),
    runWithPriority: (task, priority) =>
      new Promise((resolve, reject) => add({ task, resolve, reject, isCancelled: false }, priority)),
    runCancelable: (task, signal) =>
      new Promise((resolve, reject) => {
        const job = { task, resolve, reject, isCancelled: false };
        signal.addEventListener('abort', () => {
          job.isCancelled = true;
          reject(signal.reason);
        });
        add(job, 0);
      }),
    close: () => {},
  };
}
