// The law of the Go original, in a small pool of its own since a Scaler could not do what it does.
//
// Every burstInterval it compares the number of tasks that have arrived with that of those completed, both since the
// start (per second of uptime, which cancels out), and adds as many workers as the difference is worth in completions
// per worker. So it adds workers while anything runs, and never removes one. Workers being made are not counted: until the
// first is up it orders as many again at each tick, past the limit. It replaces no worker that has died, and does nothing
// once none lives.

import { Lanes } from './lanes.mjs';

class SeedPool {
  #workers = new Set();
  #idle = [];
  #waiting = new Lanes();
  #active = 0;
  #arrived = 0;
  #completed = 0;
  #isClosed = false;
  #load;
  #clock;
  #hooks;

  constructor({ load, clock, hooks }) {
    this.#load = load;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  async open() {
    await Promise.all(Array.from({ length: this.#load.config.workerCount }, () => this.#startWorker()));
    this.#tick();
  }

  submit(run, priority) {
    this.#arrived++;
    return new Promise((resolve) => {
      const task = { run, resolve };
      const worker = this.#idle.shift();
      if (worker) void this.#work(worker, task);
      else this.#waiting.push(priority, task);
    });
  }

  close() {
    this.#isClosed = true;
  }

  async #startWorker() {
    const worker = { resource: undefined, isDead: false, isBusy: false };
    try {
      worker.resource = await this.#hooks.create(() => this.#died(worker));
    } catch {
      return; // it is gone, and the next tick may order another
    }
    this.#active++;
    this.#workers.add(worker);
    this.#rest(worker);
  }

  async #work(worker, task) {
    worker.isBusy = true;
    await task.run(worker.resource);
    worker.isBusy = false;
    this.#completed++;
    task.resolve();
    if (worker.isDead) this.#leave(worker);
    else this.#rest(worker);
  }

  #rest(worker) {
    const task = this.#waiting.shift();
    if (task) void this.#work(worker, task);
    else this.#idle.push(worker);
  }

  #died(worker) {
    worker.isDead = true;
    if (!worker.isBusy) this.#leave(worker);
  }

  #leave(worker) {
    this.#active--;
    this.#workers.delete(worker);
    this.#idle = this.#idle.filter((each) => each !== worker);
    void this.#hooks.destroy(worker.resource);
  }

  #tick() {
    this.#clock.setTimeout(() => {
      if (this.#isClosed) return;
      for (let missing = this.#missing; missing > 0; missing--) void this.#startWorker();
      this.#tick();
    }, this.#load.config.burstInterval);
  }

  get #missing() {
    if (this.#active === 0 || this.#arrived === 0) return 0;
    const room = this.#load.config.maxWorkerCount - this.#active;
    if (this.#completed === 0) return Math.min(1, room);
    const perWorker = this.#completed / this.#active;
    return Math.min(room, Math.ceil((this.#arrived - this.#completed) / perWorker));
  }
}

export default {
  name: 'seed',
  title: "the Go original's law",
  async open(run) {
    const pool = new SeedPool(run);
    await pool.open();
    return pool;
  },
};
