/** Milliseconds between two looks at the store's clock. */
const INTERVAL = 60_000;
/** Clocks that differ by less are taken for the same. */
const TOLERANCE = 1_000;

/**
 * How far the clock of this machine is from the store's, by which all machines go: the system's may be wrong, or be put right while tasks run. Between
 * two looks it goes on as `performance.now()` does, which knows of no such thing.
 */
export class StoreClock {
  /** The store's time when `performance.now()` was 0. */
  #origin: number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(origin: number) {
    this.#origin = origin;
  }

  /** That of a store which is in this process. */
  static own(): StoreClock {
    return new StoreClock(Date.now() - performance.now());
  }

  /** `ask`: what time the store has, in ms. */
  static async of(ask: () => Promise<number>): Promise<StoreClock> {
    const clock = new StoreClock(await originOf(ask));
    clock.#timer = setInterval(() => {
      originOf(ask).then(
        (origin) => (clock.#origin = origin),
        () => {}, // another time
      );
    }, INTERVAL);
    clock.#timer.unref();
    return clock;
  }

  /** What has to be added to `Date.now()`. */
  get shift(): number {
    const shift = Math.round(performance.now() + this.#origin - Date.now());
    return Math.abs(shift) < TOLERANCE ? 0 : shift;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function originOf(ask: () => Promise<number>): Promise<number> {
  const askedAt = performance.now();
  const time = await ask();
  return time - (askedAt + performance.now()) / 2;
}
