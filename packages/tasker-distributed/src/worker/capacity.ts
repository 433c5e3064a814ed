import type { TaskManager } from 'tasker';

/**
 * How many tasks to take from the queue: twice as many as there are places now, so that the manager sees what waits and grows, and as many as
 * there are when there can be no more, so that nothing waits here that could run elsewhere, or be overtaken.
 */
export class Capacity {
  readonly #manager: Pick<TaskManager<never>, 'stats' | 'on'>;
  readonly #tasksPerWorker: number;
  readonly #most: number;

  constructor(manager: Pick<TaskManager<never>, 'stats' | 'on'>, tasksPerWorker: number, most: number) {
    this.#manager = manager;
    this.#tasksPerWorker = tasksPerWorker;
    this.#most = most;
  }

  /** At least 1: it is a task that makes a lazy manager begin. */
  get now(): number {
    const places = this.#manager.stats().activeWorkers * this.#tasksPerWorker;
    return Math.max(1, Math.min(places * 2, this.#most));
  }

  /** Tells it whenever it may have changed. */
  follow(listener: (places: number) => void): void {
    const look = (): void => listener(this.now);
    this.#manager.on('resourceCreated', look);
    this.#manager.on('resourceDestroyed', look);
    look();
  }
}
