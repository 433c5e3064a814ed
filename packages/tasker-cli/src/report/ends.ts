import { nextWidth } from './widths.ts';

/** Items that ended in a time: `at` is when it begins. */
export interface Slot {
  readonly at: number;
  readonly ended: number;
  /** Of these. */
  readonly failed: number;
}

/** When items ended. */
export interface Ends {
  /** Of a slot, in ms. */
  readonly width: number;
  /** Those in which items ended, and that in which the first began, by time. */
  readonly slots: readonly Slot[];
}

/** Most slots that are kept. */
const MOST = 4_096;

/** Counts ends of items by time, in bounded memory: where there are too many slots they become wider. */
export class EndCounter {
  #width = 1;
  #slots = new Map<number, { ended: number; failed: number }>();

  add(at: number, isOk: boolean): void {
    this.#add(at, 1, isOk ? 0 : 1);
    while (this.#slots.size > MOST) this.#widen();
  }

  /** When items ended that began at `beganAt`. */
  ends(beganAt: number): Ends {
    this.#add(beganAt, 0, 0);

    const slots = [...this.#slots].map(([at, counts]) => ({ at, ...counts }));
    return { width: this.#width, slots: slots.toSorted((a, b) => a.at - b.at) };
  }

  #add(at: number, ended: number, failed: number): void {
    const start = Math.floor(at / this.#width) * this.#width;
    const slot = this.#slots.get(start);
    if (slot === undefined) {
      this.#slots.set(start, { ended, failed });
      return;
    }
    slot.ended += ended;
    slot.failed += failed;
  }

  #widen(): void {
    const slots = this.#slots;
    this.#slots = new Map();
    this.#width = nextWidth(this.#width, this.#width);
    for (const [at, { ended, failed }] of slots) this.#add(at, ended, failed);
  }
}
