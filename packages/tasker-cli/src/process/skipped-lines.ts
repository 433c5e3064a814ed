import type { BadInput } from '../input/item.ts';
import type { Messages } from './messages.ts';

/** Malformed lines that were passed over. */
export class SkippedLines {
  readonly #messages: Messages;
  count = 0;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  readonly add = (problem: BadInput): void => {
    this.count++;
    this.#messages.note(`${problem.message} (passed over)`);
  };
}
