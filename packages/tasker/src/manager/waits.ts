/** Callers that wait for the queue to shrink or for the manager to fall idle. */
export class Waits {
  #sizes: { readonly limit: number; readonly resolve: () => void }[] = [];
  #idle: (() => void)[] = [];
  #room: (() => void)[] = [];

  /** Resolves at the next change that may have made room. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** There may be room now. */
  changed(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resolve of waiting) resolve();
  }

  /** Whether the size of the queue, or room in it, matters to somebody. */
  get isWatched(): boolean {
    return this.#sizes.length > 0 || this.#room.length > 0;
  }

  sizeLessThan(limit: number): Promise<void> {
    return new Promise((resolve) => this.#sizes.push({ limit, resolve }));
  }

  idle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** The queue holds so many tasks now. */
  sizeIs(size: number): void {
    const due = this.#sizes.filter(({ limit }) => size < limit);
    if (due.length === 0) return;
    this.#sizes = this.#sizes.filter(({ limit }) => size >= limit);
    for (const { resolve } of due) resolve();
  }

  /** Nothing is queued and nothing runs. */
  fellIdle(): void {
    if (this.#idle.length === 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
