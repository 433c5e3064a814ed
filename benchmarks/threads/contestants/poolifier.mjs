import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';

const MODULE = fileURLToPath(new URL('../modules/poolifier.mjs', import.meta.url));

/** Without its task queue, as by default: with it, it takes longer. It cannot transfer a result, so it has no `pass`. */
export function open({ threads }) {
  const pool = new FixedThreadPool(threads, MODULE);
  return {
    call: (name, value) => pool.execute(value, name),
    close: () => pool.destroy(),
  };
}
