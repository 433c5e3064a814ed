import { Piscina } from 'piscina';

export function open({ threads, tasksPerWorker }) {
  const pool = new Piscina({
    filename: new URL('../modules/piscina.mjs', import.meta.url).href,
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
