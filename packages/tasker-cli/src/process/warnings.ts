import type { Logger } from 'tasker';
import { plainText } from '../basics/plain-text.ts';
import { patternOf } from '../tally/error-pattern.ts';
import type { Messages } from './messages.ts';

/** Most kinds that are told. */
const MOST = 100;

/**
 * Tells people what the manager warns of, such as a resource that cannot be made: of each kind the first, since what befalls one item may
 * befall all.
 */
export class Warnings implements Logger {
  readonly #messages: Messages;
  readonly #told = new Set<string>();

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  debug(): void {}

  info(): void {}

  warn(message: string): void {
    if (this.#isNew(message)) this.#messages.note(plainText(message));
  }

  error(message: string): void {
    if (this.#isNew(message)) this.#messages.error(plainText(message));
  }

  #isNew(message: string): boolean {
    const kind = patternOf(message);
    if (this.#told.has(kind) || this.#told.size === MOST) return false;
    this.#told.add(kind);
    return true;
  }
}
