import { inMacrotask } from '../primitives/macrotask.ts';

/** Lets every promise that can settle do so, with all that follows from it without time passing. */
export function settle(): Promise<void> {
  return new Promise((resolve) => inMacrotask(resolve));
}
