import { describe, expect, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

export function ids(bench: () => Bench): void {
  describe('ids', () => {
    test('of a task that waits, runs or has ended stand for it, whoever submits again', async () => {
      let runs = 0;
      const gate = new Gate();
      const tasks = defineTasks()({ wait: async (_, n: number) => (runs++, await gate.pass(), n) });
      const client = await bench().client(tasks);
      const other = await bench().client(tasks);
      const options = { id: 'run_0' };
      expect(await client.submit('wait', 1, options)).toBe('run_0');
      const waiting = other.queueTask('wait', 2, options);
      await bench().worker(tasks);
      await until(() => gate.held === 1, 'the task to run');
      const running = other.queueTask('wait', 3, options);
      await Promise.all([other.submit('wait', 4, options), other.submit('wait', 5, { id: 'run_1' })]);
      gate.open();
      expect(await waiting).toBe(1);
      expect(await running).toBe(1);
      expect(await other.result('run_1')).toBe(5);
      expect(await client.queueTask('wait', 6, options)).toBe(1);
      expect(runs).toBe(2);
    });

    test('of what waits may be withdrawn; what runs or has ended is left alone', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({ wait: async (_, n: number) => (await gate.pass(), n) });
      const client = await bench().client(tasks);
      await bench().worker(tasks);
      const running = client.queueTask('wait', 1, { id: 'running' });
      await until(() => gate.held === 1, 'the task to run');
      const waiting = failing(client.queueTask('wait', 2, { id: 'waiting' }));
      await until(async () => (await client.stats()).queued === 1, 'the other one to be queued');
      expect(await client.withdraw('waiting')).toBe(true);
      expect(await waiting).toMatchObject({ name: 'AbortError' });
      expect(await client.withdraw('running')).toBe(false);
      const again = client.queueTask('wait', 3, { id: 'waiting' });
      gate.open();
      expect(await running).toBe(1);
      expect(await again).toBe(3);
      expect(await client.withdraw('running')).toBe(false);
      expect(await client.withdraw('nobody')).toBe(false);
    });
  });
}
