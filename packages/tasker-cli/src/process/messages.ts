import { logText } from '../basics/error-description.ts';

/** What the command says to people, on standard error. */
export class Messages {
  readonly #isQuiet: boolean;

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
    process.stderr.on('error', () => {}); // nobody reads it any more
  }

  /** Something worth knowing; not with `--quiet`. */
  readonly note = (text: string): void => {
    if (!this.#isQuiet) this.#write(text);
  };

  /** What was asked for. */
  readonly tell = (text: string): void => this.#write(text);

  /** Why the command fails. */
  readonly error = (text: string): void => this.#write(text);

  /** What a worker has to say. */
  readonly log = (message: unknown): void => this.#write(logText(message));

  #write(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
