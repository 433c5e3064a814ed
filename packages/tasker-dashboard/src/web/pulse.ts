/** Between two looks while somebody watches, and while nobody does. */
const WATCHED = 1_000;
const UNWATCHED = 5_000;
/** The least time between two looks. */
const LEAST = 100;
/** Of all time, how much looks may take at most. */
const SHARE = 1 / 50;
const MOST = 10_000;

/**
 * Calls `look` about once a second while somebody watches, and every few seconds otherwise. One that takes long, since there is much to
 * see, is called less often. Its timer keeps no process alive.
 */
export class Pulse {
  readonly #look: () => void;
  readonly #isWatched: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #lookedAt: number = performance.now();
  #rest = 0;

  constructor(look: () => void, isWatched: () => boolean) {
    this.#look = look;
    this.#isWatched = isWatched;
    this.#arm(UNWATCHED);
  }

  /** Somebody has come, or something was done: the next look is due. */
  hurry(): void {
    if (this.#timer !== undefined) this.#arm(0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    clearTimeout(this.#timer);
    const earliest = this.#lookedAt + Math.max(LEAST, this.#rest);
    this.#timer = setTimeout(() => this.#beat(), Math.max(delay, earliest - performance.now()));
    (this.#timer as { unref?(): void }).unref?.();
  }

  #beat(): void {
    this.#lookedAt = performance.now();
    try {
      this.#look();
    } catch (error) {
      console.error('tasker-dashboard: a look at the managers failed:', error); // and ends nobody's program
    } finally {
      this.#rest = Math.min(MOST, (performance.now() - this.#lookedAt) / SHARE);
      if (this.#timer !== undefined) this.#arm(this.#isWatched() ? WATCHED : UNWATCHED);
    }
  }
}
