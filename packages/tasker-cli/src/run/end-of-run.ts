import { countOf } from '../basics/numbers.ts';
import type { Interruptible } from '../process/interrupts.ts';
import type { Messages } from '../process/messages.ts';
import type { Runner } from './runner.ts';
import type { Workforce } from './workforce.ts';

/** How a run ends early. */
export class EndOfRun implements Interruptible {
  /** Resolves when it is killed: then nobody waits for an output that takes nothing, either. */
  readonly killed: Promise<void>;
  #kill = (): void => {};
  readonly #workforce: Workforce;
  readonly #runner: Runner;
  readonly #messages: Messages;

  constructor(workforce: Workforce, runner: Runner, messages: Messages) {
    this.#workforce = workforce;
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
    const what = running === undefined ? 'what runs' : countOf(running, 'item');
    this.#messages.note(`finishing ${what}, starting no more${again}`);
    this.#runner.stop();
  }

  /** What runs is aborted and gets no line. */
  abort(): void {
    this.#runner.stop();
    void this.#workforce.kill();
  }

  kill(): void {
    this.abort();
    this.#kill();
  }
}
