import type { TaskWorker } from 'tasker-distributed';
import { countOf } from '../basics/numbers.ts';
import type { Interruptible } from '../process/interrupts.ts';
import type { Messages } from '../process/messages.ts';

/** How a worker of a store ends: it finishes what runs, and what takes too long goes back into the store. */
export class EndOfWorker implements Interruptible {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly #worker: TaskWorker<unknown>;
  readonly #stopTimeout: number;
  readonly #messages: Messages;
  #resolve = (): void => {};

  constructor(worker: TaskWorker<unknown>, stopTimeout: number, messages: Messages) {
    this.#worker = worker;
    this.#stopTimeout = stopTimeout;
    this.#messages = messages;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    worker.on('stopped', () => void worker.stop().then(this.#resolve, this.#resolve)); // on its page
  }

  drain(signal: NodeJS.Signals): void {
    const { runningTasks } = this.#worker.stats();
    const again = signal === 'SIGINT' ? '; Ctrl-C again hands them back' : '';
    if (runningTasks > 0) this.#messages.note(`finishing ${countOf(runningTasks, 'task')}, taking no more${again}`);
    void this.#worker.stop({ timeout: this.#stopTimeout }).then(this.#resolve, this.#resolve);
  }

  kill(): void {
    void this.#worker.kill().then(this.#resolve, this.#resolve);
  }
}
