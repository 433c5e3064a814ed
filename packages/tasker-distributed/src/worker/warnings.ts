import type { Logger } from 'tasker';

/** Milliseconds before the same is told again. */
const QUIET = 60_000;
const CLASS = 'TaskerWarning';

/** Tells of what goes on wrong, once a minute for each kind: to the logger, without one as a warning of the process. */
export class Warnings {
  readonly #logger: Logger | undefined;
  readonly #toldAt = new Map<string, number>();

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  tell(kind: string, message: string): void {
    const now = performance.now();
    const toldAt = this.#toldAt.get(kind);
    if (toldAt !== undefined && now - toldAt < QUIET) return;
    this.#toldAt.set(kind, now);
    if (this.#logger === undefined) process.emitWarning(message, CLASS);
    else this.#logger.warn(message);
  }
}
