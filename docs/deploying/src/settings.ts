/** What the environment says. */
export const settings = {
  /** Where tasks are kept, such as `redis://…`. */
  storeUrl: process.env['STORE_URL'] ?? 'redis://127.0.0.1:6379',
  /** Where probes and metrics are answered: on all addresses, unless one is given. */
  host: process.env['HOST'],
  port: Number(process.env['PORT'] ?? 9464),
  /** Milliseconds that a worker may take to end its tasks; then it hands them back. Less than the platform waits. */
  stopTimeout: Number(process.env['STOP_TIMEOUT'] ?? 25_000),
};

const stopping = new AbortController();

/** Aborts when the platform wants the process to end. Process 1 of a container must listen, or it never hears of that. */
export const { signal: stopSignal } = stopping;
for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => stopping.abort());
