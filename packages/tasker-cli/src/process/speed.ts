/** How far back speed looks, in ms, and how many items make it one. */
const WINDOW = 15_000;
const ENOUGH = 10;

/** Items per second lately; while few have come lately, since the start. */
export class Speed {
  readonly #samples: { readonly at: number; readonly done: number }[] = [];
  readonly #startedAt: number;
  readonly #doneAtStart: number;

  constructor(now: number, done: number) {
    this.#startedAt = now;
    this.#doneAtStart = done;
  }

  /** Items per second, where now `done` are done. To be called again and again. */
  perSecond(now: number, done: number): number {
    const samples = this.#samples;
    samples.push({ at: now, done });
    while ((samples[1]?.at ?? now) <= now - WINDOW) samples.shift();
    const { at, done: before } = samples[0] ?? { at: now, done };
    if (done - before >= ENOUGH) return ((done - before) / (now - at)) * 1_000;
    return now > this.#startedAt ? ((done - this.#doneAtStart) / (now - this.#startedAt)) * 1_000 : 0;
  }
}
