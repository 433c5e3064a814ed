import { INTERRUPTED, TERMINATED } from '../basics/exit-codes.ts';

/** What a signal asks for. */
export interface Interruptible {
  /** Finishes what runs and starts nothing more. */
  drain(signal: NodeJS.Signals): void;
  /** Ends what runs, and waits for nothing more. */
  kill(): void;
}

const EXIT_CODES = { SIGINT: INTERRUPTED, SIGTERM: TERMINATED } as const;

/** The longest time of a timer, in ms; a longer one would be over at once. */
const LONGEST = 2 ** 31 - 1;

type Signal = keyof typeof EXIT_CODES;

/**
 * Ctrl-C and SIGTERM. The first drains, the second kills, the third ends the process at once; after a SIGTERM the kill comes by itself
 * when `grace` ms have passed.
 */
export class Interrupts {
  readonly #target: Interruptible;
  readonly #grace: number;
  #received: Signal[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(target: Interruptible, grace: number) {
    this.#target = target;
    this.#grace = grace;
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  /** The exit code of the first signal; undefined if there was none. */
  get exitCode(): number | undefined {
    const [first] = this.#received;
    return first && EXIT_CODES[first];
  }

  close(): void {
    clearTimeout(this.#timer);
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#received.push(signal as Signal);
    if (this.#received.length > 2) process.exit(this.exitCode);
    if (this.#received.length === 2) {
      this.#target.kill();
      return;
    }
    this.#target.drain(signal);
    if (signal === 'SIGTERM') this.#timer = setTimeout(() => this.#target.kill(), Math.min(this.#grace, LONGEST));
  };
}
