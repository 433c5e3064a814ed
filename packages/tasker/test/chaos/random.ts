/** Random numbers from a seed: the same seed gives the same numbers, on every machine. Source: T. Ettinger, mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0, below 1. */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** An integer; both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T; // the index is below the length
  }

  /** `value()` with that probability. */
  maybe<T>(probability: number, value: () => T): T | undefined {
    return this.chance(probability) ? value() : undefined;
  }

  /** Another stream of numbers, so that what one part of a life draws does not change the others. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}

/** Draws keys by weight. */
export class Lottery<K extends string> {
  readonly #keys: K[] = [];
  readonly #ends: number[] = [];
  #total = 0;

  constructor(weights: Record<K, number>) {
    for (const [key, weight] of Object.entries<number>(weights)) {
      this.#total += weight;
      this.#keys.push(key as K);
      this.#ends.push(this.#total);
    }
  }

  draw(random: Random): K {
    const at = random.next() * this.#total;
    return this.#keys[this.#ends.findIndex((end) => at < end)] as K; // `at` is below the last end
  }
}
