import { getEventListeners } from 'node:events';
import { createTaskManager } from 'tasker';
import { describe, expect, it } from 'vitest';

const gc = (globalThis as { gc?: () => void }).gc;

/** Timers that keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** Heap in MB after a thorough collection. */
async function heap(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed / 1e6;
}

describe('two million tasks with signals, timeouts and leases', () => {
  it('leave neither memory nor listeners behind', async () => {
    expect(gc, 'the test needs --expose-gc').toBeTypeOf('function');
    const manager = await createTaskManager({ onCreate: () => ({}), onDestroy: () => {}, workerCount: 8 });
    const shared = new AbortController();
    const batch = async (): Promise<void> => {
      const own = new AbortController();
      const all: Promise<unknown>[] = [];
      for (let i = 0; i < 9_900; i++) {
        const options = {
          signal: i % 2 === 0 ? shared.signal : own.signal,
          timeout: 60_000,
          queueTimeout: 60_000,
          deadline: 60_000,
          priority: i % 3,
          key: `k${i % 5}`,
        };
        all.push(manager.queueTask<unknown>(i % 4 === 0 ? () => i : async (_, { signal }) => signal.aborted, options));
      }
      for (let i = 0; i < 100; i++) {
        all.push(manager.lease({ signal: shared.signal, queueTimeout: 60_000 }).then((lease) => lease.release()));
      }
      await Promise.all(all);
    };
    for (let i = 0; i < 10; i++) await batch();
    const [before, timersBefore] = [await heap(), timers()];
    for (let i = 0; i < 190; i++) await batch();
    const after = await heap();
    expect(getEventListeners(shared.signal, 'abort')).toHaveLength(0);
    expect(timers()).toBeLessThanOrEqual(timersBefore + 2); // those of the test runner come and go
    expect(after - before).toBeLessThan(5);
    await manager.stop();
  }, 300_000);
});
