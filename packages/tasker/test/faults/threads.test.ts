import { once } from 'node:events';
import { Worker as Thread } from 'node:worker_threads';
import { createTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { describe, expect, it } from 'vitest';
import { until } from './until.ts';

/** Doubles numbers; on a word it exits, throws outside a call, eats all its memory, or hears nothing any more. */
const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (message) => {
    if (message === 'exit') process.exit(3);
    if (message === 'throw') setImmediate(() => { throw new Error('outside a call'); });
    if (message === 'eat') { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); }
    if (message === 'spin') for (;;);
    if (typeof message === 'number') parentPort.postMessage(message * 2);
  });
`;

class ThreadDied extends Error {}

let alive = 0;

function start(overrides: Partial<TaskManagerConfig<Thread>> = {}): Promise<TaskManager<Thread>> {
  return createTaskManager<Thread>({
    onCreate: async ({ invalidate }) => {
      const thread = new Thread(SOURCE, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 24 } });
      alive++;
      thread.on('error', () => {}); // 'exit' follows
      thread.on('exit', () => {
        alive--;
        invalidate('exit');
      });
      await once(thread, 'online');
      return thread;
    },
    onDestroy: async (thread) => {
      await thread.terminate();
    },
    checkHealth: (error) => !(error instanceof ThreadDied),
    workerCount: 3,
    maxWorkerCount: 3,
    resourcePoolSize: 1,
    ...overrides,
  });
}

function call(thread: Thread, message: number | string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => end(() => reject(new ThreadDied(`the thread died of ${message}`)));
    const onMessage = (value: number): void => end(() => resolve(value));
    const end = (settle: () => void): void => {
      thread.off('exit', onExit).off('message', onMessage);
      settle();
    };
    thread.on('exit', onExit).on('message', onMessage);
    thread.postMessage(message); // oxlint-disable-line require-post-message-target-origin -- a thread has none
  });
}

describe('threads that die', () => {
  for (const death of ['exit', 'throw', 'eat']) {
    it(`of ${death}: their task is tried elsewhere, no other is touched, and the workers are back at their number`, async () => {
      const manager = await start();
      const numbers = Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          manager.queueTask((thread, { attempt }) => call(thread, i % 40 === 7 && attempt === 1 ? death : i)),
        ),
      );
      const hopeless = manager.queueTask((thread) => call(thread, death), { retry: { maxRetries: 1 } });
      const direct = manager.runTask((thread) => call(thread, death));
      await Promise.all([
        expect(hopeless).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' }),
        expect(direct).rejects.toBeInstanceOf(ThreadDied),
      ]);
      expect(await numbers).toEqual(Array.from({ length: 200 }, (_, i) => i * 2));
      await until(() => {
        const { activeWorkers, availableResources } = manager.stats();
        return activeWorkers === 3 && availableResources === 1;
      }, 'the threads to be back');
      await manager.stop();
      expect(alive).toBe(0);
    }, 60_000);
  }

  it('of nothing, but spin: their task times out, they are terminated, and the workers are back at their number', async () => {
    const reasons: string[] = [];
    const manager = await start({
      abandonAfter: 50,
      onDestroy: async (thread, reason) => {
        reasons.push(reason);
        await thread.terminate();
      },
    });
    const spinning = Array.from({ length: 6 }, () =>
      manager.queueTask((thread) => call(thread, 'spin'), { timeout: 200 }),
    );
    const numbers = Array.from({ length: 60 }, (_, i) => manager.queueTask((thread) => call(thread, i)));
    for (const answer of await Promise.allSettled(spinning)) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT' } });
    }
    expect(await Promise.all(numbers)).toEqual(Array.from({ length: 60 }, (_, i) => i * 2));
    await until(() => manager.stats().activeWorkers === 3 && alive === 4, 'the threads to be back');
    expect(reasons).toEqual(Array.from({ length: 6 }, () => 'abandoned'));
    await manager.stop();
    expect(alive).toBe(0);
  }, 60_000);

  it('while idle: they are replaced before anybody asks', async () => {
    const manager = await start();
    const created = manager.metrics().totalResourcesCreated;
    await expect(
      manager.queueTask((thread) => {
        // Dies a moment after its task has ended well.
        thread.postMessage('exit'); // oxlint-disable-line require-post-message-target-origin -- a thread has none
        return 'fine';
      }),
    ).resolves.toBe('fine');
    await until(() => manager.metrics().totalResourcesCreated > created, 'a new thread');
    await until(() => manager.stats().activeWorkers === 3, 'all workers');
    expect(await manager.queueTask((thread) => call(thread, 4))).toBe(8);
    await manager.kill();
    await until(() => alive === 0, 'the threads to be gone');
  }, 60_000);
});
