import { createHash } from 'node:crypto';
import type { Item } from './item.ts';

/** A hash of items in their order. */
export class Fingerprint {
  readonly #hash = createHash('sha256');

  add({ index, value }: Item): void {
    this.#hash.update(`${index} ${JSON.stringify(value)}\n`);
  }

  /** Of all that were added; to be called once. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}
