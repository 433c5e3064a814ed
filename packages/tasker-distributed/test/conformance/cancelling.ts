import { describe, expect, test } from 'vitest';
import { isTaskerError } from 'tasker';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { holding } from '../support/holding.ts';
import { until } from '../support/until.ts';

export function cancelling(bench: () => Bench): void {
  describe('cancelling', () => {
    test('removes what waits, and everybody hears of it', async () => {
      let runs = 0;
      const tasks = defineTasks()({ run: () => ++runs });
      const client = await bench().client(tasks);
      const other = await bench().client(tasks);
      const id = await client.submit('run');
      const elsewhere = failing(other.result(id));
      const here = failing(client.result(id));
      await until(async () => (await client.stats()).queued === 1, 'it to be queued');
      const reason = new Error('enough');
      expect(await client.cancel(id, reason)).toBe(true);
      expect(await here).toBe(reason);
      expect(await elsewhere).toMatchObject({ name: expect.stringMatching('AbortError|DistributedError') });
      expect(await client.cancel(id)).toBe(false);
      await bench().worker(tasks);
      expect(await client.queueTask('run')).toBe(1);
    });

    test('aborts what runs, with the reason', async () => {
      const gate = new Gate();
      const { tasks, aborted } = holding(gate);
      const worker = await bench().worker(tasks);
      const client = await bench().client(tasks);
      const other = await bench().client(tasks);
      const id = await client.submit('hold');
      const result = failing(client.result(id));
      await until(() => gate.held === 1, 'it to run');
      expect(await other.cancel(id, Object.assign(new Error('stop it'), { code: 'E_ENOUGH' }))).toBe(true);
      expect(aborted.reason).toMatchObject({ message: 'stop it', code: 'E_ENOUGH' });
      expect(await result).toMatchObject({ message: 'stop it', code: 'E_ENOUGH' });
      expect(worker.stats().claimedTasks).toBe(0);
    });

    test('by a signal rejects at once with its reason', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({ hold: (_, __: undefined, { signal }) => gate.pass(signal) });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const controller = new AbortController();
      const { signal } = controller;
      const running = failing(client.queueTask('hold', undefined, { signal }));
      await until(() => gate.held === 1, 'it to run');
      const waiting = failing(client.queueTask('hold', undefined, { signal }));
      const reason = new Error('mine');
      controller.abort(reason);
      expect(await running).toBe(reason);
      expect(await waiting).toBe(reason);
      expect(await failing(client.queueTask('hold', undefined, { signal }))).toBe(reason);
      await until(async () => {
        const { queued, running: left } = await client.stats();
        return queued + left === 0;
      }, 'nothing to be left in the queue');
      expect(gate.held).toBe(0);
    });

    test('of a task that takes too long is its timeout', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({ hold: (_, __: undefined, { signal }) => gate.pass(signal) });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const error = await failing(client.queueTask('hold', undefined, { timeout: 50 }));
      expect(isTaskerError(error, 'TIMEOUT')).toBe(true);
    });
  });
}
