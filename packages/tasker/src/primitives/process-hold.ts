import { keepProcessAlive } from './clock.ts';

/** Keeps the process alive while work waits; running tasks do so by what they await themselves, or by their timeout. */
export class ProcessHold {
  /** Changed by {@link set} only. */
  isHeld = false;
  #release: () => void = () => {};

  set(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.#release();
    this.#release = isHeld ? keepProcessAlive() : () => {};
  }
}
