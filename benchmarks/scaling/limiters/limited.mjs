// A manager that runs no more tasks at once than a limiter says.
//
// The limiters that are published stand before a call and know nothing of workers. So each gets a gate before queueTask(): a task
// that is one too many waits there, by priority, and holds no worker. Within the task it would hold one, and the law would make more
// of them for those that wait. What the limiter is told is how long the function ran, as if it stood around the call to the
// bottleneck: were the wait for a worker part of it, each creation would look like a bottleneck.
//
// As their documentations advise where calls differ, it is asked once for each window: at least a second and ten tasks, of which it
// gets the mean duration and the most that were past the gate at once. It moves between the base workers and the maximum, so
// that it cannot take what is there anyway.

import { Lanes } from '../laws/lanes.mjs';
import { openManager } from '../laws/tasker.mjs';
import { UNPAID } from '../laws/unpaid.mjs';

const WINDOW = 1_000;
const LEAST_TASKS = 10;

/** Where both of Netflix's begin. */
const INITIAL = 20;

class Gate {
  #waiting = new Lanes();
  #passed = 0;
  #window;
  #manager;
  #clock;
  #step;
  #least;
  #most;
  #limit;

  constructor(manager, { load, clock }, step) {
    const { workerCount, maxWorkerCount, tasksPerWorker = 1 } = load.config;
    this.#manager = manager;
    this.#clock = clock;
    this.#step = step;
    this.#least = workerCount * tasksPerWorker;
    this.#most = maxWorkerCount * tasksPerWorker;
    this.#limit = Math.min(INITIAL, this.#most);
    this.#open();
  }

  submit(run, priority) {
    return new Promise((resolve, reject) => {
      this.#waiting.push(priority, { run, priority, resolve, reject });
      this.#letIn();
    });
  }

  close() {
    return this.#manager.close();
  }

  #letIn() {
    while (this.#passed < Math.floor(this.#limit)) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      this.#passed++;
      this.#window.running = Math.max(this.#window.running, this.#passed);
      void this.#pass(task);
    }
  }

  async #pass({ run, priority, resolve, reject }) {
    const timed = async (resource) => {
      const start = this.#clock.now();
      await run(resource);
      this.#ended(this.#clock.now() - start);
    };
    await this.#manager.submit(timed, priority).then(resolve, reject);
    this.#passed--;
    this.#letIn();
  }

  #ended(duration) {
    const { since, count, sum, running } = this.#window;
    this.#window.count++;
    this.#window.sum += duration;
    if (this.#clock.now() - since < WINDOW || count + 1 < LEAST_TASKS) return;
    const limit = this.#step({ duration: (sum + duration) / (count + 1), running, limit: this.#limit });
    this.#limit = Math.min(this.#most, Math.max(this.#least, limit));
    this.#open();
  }

  #open() {
    this.#window = { since: this.#clock.now(), count: 0, sum: 0, running: this.#passed };
  }
}

/** `step({ duration, running, limit })` returns the next limit. */
export async function openLimited(run, step) {
  return new Gate(await openManager(run, UNPAID), run, step);
}
