import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

const MODULE = fileURLToPath(new URL('../modules/workerpool.mjs', import.meta.url));

export function open({ threads }) {
  const pool = workerpool.pool(MODULE, { minWorkers: threads, maxWorkers: threads, workerType: 'thread' });
  return {
    call: (name, value) => pool.exec(name, [value]),
    pass: (buffer) => pool.exec('pass', [buffer], { transfer: [buffer] }),
    close: () => pool.terminate(),
  };
}
