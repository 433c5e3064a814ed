import { countOf } from '../basics/numbers.ts';
import type { TaskManager } from 'tasker';
import type { Interruptible } from '../process/interrupts.ts';
import type { Messages } from '../process/messages.ts';
import type { Runner } from './runner.ts';

/** How a run ends early. */
export class EndOfRun implements Interruptible {
  /** Resolves when it is killed: then nobody waits for an output that takes nothing, either. */
  readonly killed: Promise<void>;
  #kill = (): void => {};
  readonly #manager: TaskManager<unknown>;
  readonly #runner: Runner;
  readonly #messages: Messages;

  constructor(manager: TaskManager<unknown>, runner: Runner, messages: Messages) {
    this.#manager = manager;
    this.#runner = runner;
    this.#messages = messages;
    this.killed = new Promise((resolve) => (this.#kill = resolve));
  }

  drain(signal: NodeJS.Signals): void {
    const { running } = this.#runner;
    if (running === 0) {
      this.abort(); // also a start that is under way
      return;
    }
    const again = signal === 'SIGINT' ? '; Ctrl-C again ends them' : '';
    this.#messages.note(`finishing ${countOf(running, 'item')}, starting no more${again}`);
    this.#runner.stop();
  }

  /** What runs is aborted and gets no line. */
  abort(): void {
    this.#runner.stop();
    void this.#manager.kill();
  }

  kill(): void {
    this.abort();
    this.#kill();
  }
}
