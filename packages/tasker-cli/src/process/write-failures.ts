import { ALL_WELL, SOME_FAILED } from '../basics/exit-codes.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import type { Messages } from './messages.ts';

/** Whether all lines could be written. */
export class WriteFailures {
  #first: WriteFailure | undefined;
  #onFirst = (): void => {};

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Whether nobody reads on, as with `| head`. */
  get isClosed(): boolean {
    return this.#first?.isClosed === true;
  }

  readonly add = (failure: WriteFailure): void => {
    if (this.#first !== undefined) return;
    this.#first = failure;
    this.#onFirst();
  };

  /** Calls back at the first failure, which may have been before. */
  onFirst(callback: () => void): void {
    this.#onFirst = callback;
    if (this.#first !== undefined) callback();
  }

  /** Tells of it. Returns the exit code; undefined if there was none. */
  tell(messages: Messages, advice: string): number | undefined {
    if (this.#first === undefined) return undefined;
    if (this.#first.isClosed) return ALL_WELL;
    messages.error(`error: ${this.#first.message}${advice}`);
    return SOME_FAILED;
  }
}
