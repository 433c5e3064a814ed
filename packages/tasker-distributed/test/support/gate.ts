/** Holds tasks up until it is opened, and counts those that it holds. */
export class Gate {
  readonly #waiting = new Set<() => void>();
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get held(): number {
    return this.#waiting.size;
  }

  async pass(signal?: AbortSignal): Promise<void> {
    if (this.#isOpen) return;
    await new Promise<void>((resolve, reject) => {
      const open = (): void => resolve();
      this.#waiting.add(open);
      signal?.addEventListener('abort', () => {
        this.#waiting.delete(open);
        reject(signal.reason);
      });
    });
  }

  open(): void {
    this.#isOpen = true;
    for (const open of this.#waiting) open();
    this.#waiting.clear();
  }
}
