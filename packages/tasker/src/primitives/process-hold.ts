import { keepProcessAlive } from './clock.ts';

/** Keeps the process alive while work waits; running tasks do so by what they await themselves, or by their timeout. */
export class ProcessHold {
  #release: (() => void) | undefined = undefined;

  get isHeld(): boolean {
    return this.#release !== undefined;
  }

  hold(): void {
    this.#release ??= keepProcessAlive();
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
