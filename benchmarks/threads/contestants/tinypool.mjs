import { Tinypool } from 'tinypool';

export function open({ threads, tasksPerWorker }) {
  const pool = new Tinypool({
    filename: new URL('../modules/tinypool.mjs', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: tasksPerWorker,
  });
  return {
    call: (name, value) => pool.run(value, { name }),
    pass: (buffer) => pool.run(buffer, { name: 'pass', transferList: [buffer] }),
    close: () => pool.destroy(),
  };
}
