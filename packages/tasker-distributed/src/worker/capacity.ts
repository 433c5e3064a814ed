import type { TaskManager } from 'tasker';

type Manager = Pick<TaskManager<never>, 'stats' | 'limits' | 'on'>;

/**
 * How many tasks to take from the queue: twice as many as there are places now, so that the manager sees what waits and grows, and as many as
 * there are when there can be no more, so that nothing waits here that could run elsewhere, or be overtaken.
 */
export class Capacity {
  readonly #manager: Manager;
  readonly #mayGrow: boolean;
  #listener: (places: number) => void = () => {};

  constructor(manager: Manager, mayGrow: boolean) {
    this.#manager = manager;
    this.#mayGrow = mayGrow;
  }

  /** At least 1: it is a task that makes a lazy manager begin. */
  get now(): number {
    const { workerCount, maxWorkerCount, tasksPerWorker } = this.#manager.limits();
    const places = this.#manager.stats().activeWorkers * tasksPerWorker;
    const most = (this.#mayGrow ? maxWorkerCount : workerCount) * tasksPerWorker;
    return Math.max(1, Math.min(places * 2, most));
  }

  /** Tells it whenever it may have changed. */
  follow(listener: (places: number) => void): void {
    this.#listener = listener;
    const look = (): void => this.look();
    this.#manager.on('resourceCreated', look);
    this.#manager.on('resourceDestroyed', look);
    look();
  }

  /** The limits may have changed. */
  look(): void {
    this.#listener(this.now);
  }
}
