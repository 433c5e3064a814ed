/** What is to be done where a program is bundled, and its threads were given a module by address. */
export const BUNDLE_REMEDY: string =
  "give threads() a function that makes the worker, () => new Worker(new URL('./heavy.worker.ts', import.meta.url), " +
  "{ type: 'module' }), and call serve() in that file";
