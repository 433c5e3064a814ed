import { createTaskManager } from 'tasker';
import type { Thread } from 'tasker/threads';
import { expect, it } from 'vitest';
import { until } from '../faults/until.ts';
import { compiled, hooksOf, HOSTS } from './support.ts';
import type { Everything } from './support.ts';

/** How long threads are killed; `TASKER_KILLING=60000` for a long look. */
const DURATION = Number(process.env.TASKER_KILLING ?? 3_000);

const WAYS = ['exit', 'throwOutside', 'rejectUnhandled', 'spin'] as const;

it.each(HOSTS)('killed every 100 ms under load, %s: every caller gets his answer, and the right one', async (host) => {
  const hooks = hooksOf<Everything>(host, compiled('everything'), { stderr: 'ignore', abortTimeout: 50 });
  const manager = await createTaskManager<Thread<Everything>>({
    ...hooks,
    workerCount: 3,
    maxWorkerCount: 3,
    tasksPerWorker: 4,
    resourcePoolSize: 1,
    abandonAfter: 50,
    retry: { maxRetries: 1_000 },
  });
  const endsAt = performance.now() + DURATION;
  let kills = 0;
  let answers = 0;
  const killers = (async () => {
    while (performance.now() < endsAt) {
      const way = WAYS[kills++ % WAYS.length] ?? 'exit';
      const victim = manager.queueTaskOnce(
        (thread, { signal }) =>
          way === 'exit' ? thread.call('exit', [1], { signal }) : thread.call(way, [], { signal }),
        { timeout: 50, priority: 1 },
      );
      victim.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const callers = Array.from({ length: 24 }, async (_, caller) => {
    for (let i = 0; performance.now() < endsAt; i++) {
      const call = (thread: Thread<Everything>): Promise<unknown> => {
        if (i % 5 === 0) return thread.run('give', { caller, i });
        return i % 2 === 0 ? thread.run('add', caller, i) : thread.run('addLater', caller, i);
      };
      expect(await manager.queueTask(call)).toEqual(i % 5 === 0 ? { caller, i } : caller + i);
      answers++;
    }
  });
  await Promise.all([killers, ...callers]);
  await until(
    () => manager.stats().activeWorkers === 3 && manager.stats().quarantinedWorkers === 0,
    'the threads to be back',
  );
  expect(kills).toBeGreaterThan(5);
  expect(answers).toBeGreaterThan(24);
  expect(await manager.queueTask((thread) => thread.run('add', 1, 2))).toBe(3);
  await manager.stop();
});
