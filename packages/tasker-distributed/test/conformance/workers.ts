import { describe, expect, test } from 'vitest';
import { isTaskerError } from 'tasker';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

const nothing = (): void => {};

export function workers(bench: () => Bench): void {
  describe('workers', () => {
    test('run a task at once past the queue', async () => {
      const tasks = defineTasks<string>()({ shout: (word, n: number) => word.repeat(n) });
      const worker = await bench().resourceWorker(tasks, { onCreate: () => 'ha', onDestroy: () => {} });
      expect(await worker.runTask('shout', 2)).toBe('haha');
      expect(worker.metrics().totalTasksCompleted).toBe(1);
      expect(worker.stats()).toMatchObject({ state: 'running', claimedTasks: 0 });
    });

    test('and clients take durations that are no whole milliseconds, or beyond all measure', async () => {
      let runs = 0;
      const tasks = defineTasks()({
        sick: () => {
          if (++runs === 1) throw new Error('sick');
          return runs;
        },
      });
      await bench().worker(tasks, {
        lock: 15_000.5,
        lockCheck: 5_000.5,
        queueRate: { limit: 100, interval: 0.5 },
        checkHealth: () => false,
        retry: { backoff: () => 0.5 },
      });
      const client = await bench().client(tasks);
      expect(await client.queueTask('sick', undefined, { delay: 0.5, dedupe: { key: 'k', ttl: 1.5 } })).toBe(2);
      const longest = await client.submit('sick', undefined, { delay: 1e300, dedupe: { key: 'l', ttl: 1e300 } });
      await client.schedule('never', 'sick', undefined, { every: 1e300 });
      await client.schedule('often', 'sick', undefined, { every: 0.5 });
      await client.unschedule('often');
      expect(await client.withdraw(longest)).toBe(true);
    });

    test('are listed while they live, and the queue is counted', async () => {
      const tasks = defineTasks()({ fail: () => Promise.reject(new Error('no')), pass: () => 1 });
      const client = await bench().client(tasks);
      const [one, two] = [await bench().worker(tasks), await bench().worker(tasks)];
      await until(async () => (await client.workers()).length === 2, 'both to be listed');
      expect(new Set((await client.workers()).map(({ name }) => name))).toEqual(new Set([one.name, two.name]));
      await client.queueTask('pass');
      await failing(client.queueTask('fail'));
      await one.stop();
      await until(async () => (await client.workers()).length === 1, 'one to be gone');
      expect(await client.stats()).toEqual({ queued: 0, delayed: 0, running: 0, completed: 1, failed: 1 });
    });

    test('grow while tasks wait, to run as many as they may', async () => {
      const gate = new Gate();
      const tasks = defineTasks<object>()({ hold: () => gate.pass() });
      const hooks = { onCreate: () => ({}), onDestroy: () => {} };
      await bench().resourceWorker(tasks, { ...hooks, workerCount: 1, maxWorkerCount: 6, growthMustPay: false });
      const client = await bench().client(tasks);
      const results = Array.from({ length: 8 }, () => client.queueTask('hold'));
      await until(() => gate.held === 6, 'six to run');
      gate.open();
      await Promise.all(results);
    });

    test('that stop finish what runs and leave the queue to others', async () => {
      const gate = new Gate();
      const log: string[] = [];
      const tasks = defineTasks()({
        hold: async (_, text: string, { worker }) => {
          await gate.pass();
          log.push(`${text} ${worker.process}`);
        },
      });
      const client = await bench().client(tasks);
      const first = await bench().worker(tasks);
      const results = [client.queueTask('hold', 'a')];
      await until(() => gate.held === 1, 'the first to run');
      results.push(client.queueTask('hold', 'b'));
      await until(async () => (await client.stats()).queued === 1, 'the second to wait');
      const stopped = first.stop();
      gate.open();
      expect(await stopped).toMatchObject({ dropped: [], abandoned: [] });
      expect(log).toEqual([`a ${first.name}`]);
      const second = await bench().worker(tasks);
      await Promise.all(results);
      expect(log).toEqual([`a ${first.name}`, `b ${second.name}`]);
    });

    test('that are killed hand back what runs, with no attempt used, but for what may run once', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({
        hold: async (_, __: string, { attempt, signal, worker }) => {
          await gate.pass(signal);
          return [attempt, worker.process];
        },
      });
      const client = await bench().client(tasks);
      const first = await bench().worker(tasks, { workerCount: 2, maxWorkerCount: 2, maxRetries: 0 });
      const again = client.queueTask('hold', 'again');
      const once = failing(client.queueTaskOnce('hold', 'once'));
      await until(() => gate.held === 2, 'both to run');
      await first.kill();
      expect(gate.held).toBe(0);
      expect(isTaskerError(await once, 'KILLED')).toBe(true);
      gate.open();
      const second = await bench().worker(tasks, { maxRetries: 0 });
      expect(await again).toEqual([1, second.name]);
    });

    test('that pause take nothing until they resume', async () => {
      const tasks = defineTasks()({ run: (_, __: undefined, { worker }) => worker.process });
      const client = await bench().client(tasks);
      const paused = await bench().worker(tasks);
      const other = await bench().worker(tasks);
      await paused.pause();
      for (let i = 0; i < 5; i++) expect(await client.queueTask('run')).toBe(other.name);
      await other.pause();
      await paused.resume();
      expect(await client.queueTask('run')).toBe(paused.name);
    });

    test('of an older deploy leave tasks that they do not know to others, and say so', async () => {
      const warnings: unknown[] = [];
      const logger = {
        debug: nothing,
        info: nothing,
        error: nothing,
        warn: (message: unknown) => warnings.push(message),
      };
      const newer = defineTasks()({ old: () => 'old', fresh: () => 'fresh' });
      const older = await bench().worker(defineTasks()({ old: () => 'old' }), { logger });
      const client = await bench().client(newer);
      const fresh = client.queueTask('fresh');
      await until(() => older.stats().unknownTasks.length > 0, 'the task to be met');
      expect(await client.queueTask('old')).toBe('old');
      await bench().worker(newer);
      expect(await fresh).toBe('fresh');
      expect(older.stats().unknownTasks).toEqual(['fresh']);
      expect(warnings.length).toBe(1);
      expect(warnings[0]).toContain('"fresh"');
    });

    test('of two definitions on one store are kept apart by the names of their queues', async () => {
      const one = defineTasks()({ who: () => 'one' });
      const two = defineTasks()({ who: () => 'two' });
      const name = `${bench().name}-two`;
      await bench().worker(one);
      await bench().worker(two, { name });
      const clients = [await bench().client(one), await bench().client(two, { name })];
      const answers = await Promise.all(
        clients.flatMap((client) => [client.queueTask('who'), client.queueTask('who')]),
      );
      expect(answers).toEqual(['one', 'one', 'two', 'two']);
      const ids = await Promise.all(clients.map(async (client) => client.workers()));
      expect(ids.map((names) => names.length)).toEqual([1, 1]);
    });

    test('keep to a rate together', async () => {
      const startedAt: number[] = [];
      const tasks = defineTasks()({ note: () => void startedAt.push(performance.now()) });
      const queueRate = { limit: 2, interval: 300 };
      await bench().worker(tasks, { queueRate });
      await bench().worker(tasks, { queueRate });
      const client = await bench().client(tasks);
      await Promise.all(Array.from({ length: 5 }, () => client.queueTask('note')));
      // The third waits for the second interval, the fifth for the third one.
      expect(startedAt.length).toBe(5);
      expect((startedAt[4] ?? 0) - (startedAt[0] ?? 0)).toBeGreaterThan(300);
    });
  });
}
