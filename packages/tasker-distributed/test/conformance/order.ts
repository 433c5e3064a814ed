import { describe, expect, test, vi } from 'vitest';
import { BullEngine } from '../../src/engine/bull-engine.ts';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

export function order(bench: () => Bench): void {
  describe('order', () => {
    test('is by priority, then first in first out', async () => {
      const log: string[] = [];
      const gate = new Gate();
      const tasks = defineTasks()({
        hold: () => gate.pass(),
        note: (_, text: string) => void log.push(text),
      });
      const client = await bench().client(tasks);
      await bench().worker(tasks);
      const holding = client.queueTask('hold');
      await until(() => gate.held === 1, 'the first task to run');
      const ids = await client.submitMany('note', ['a', 'b', 'c']);
      ids.push(await client.submit('note', 'low', { priority: -1 }));
      const high = client.queueTaskWithPriority('note', 'high');
      const higher = client.queueTaskWithPriority('note', 'higher', { priority: 9 });
      await until(async () => (await client.stats()).queued === 6, 'all to be queued');
      gate.open();
      await Promise.all([holding, high, higher, ...ids.map((id) => client.result(id))]);
      expect(log).toEqual(['higher', 'high', 'a', 'b', 'c', 'low']);
    });

    test('has one with priority start next, however many wait', async () => {
      const log: number[] = [];
      const gate = new Gate();
      const tasks = defineTasks()({
        hold: () => gate.pass(),
        note: (_, n: number) => void log.push(n),
      });
      const client = await bench().client(tasks);
      await bench().worker(tasks);
      const holding = client.queueTask('hold');
      await until(() => gate.held === 1, 'the first task to run');
      const inputs = Array.from({ length: 1_000 }, (_, i) => i);
      await client.submitMany('note', inputs);
      const id = await client.submit('note', -1, { priority: 1 });
      gate.open();
      await Promise.all([holding, client.result(id)]);
      expect(log[0]).toBe(-1);
    });

    test('waits for a delay', async () => {
      const log: string[] = [];
      const tasks = defineTasks()({ note: (_, text: string) => void log.push(text) });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const late = await client.submit('note', 'late', { delay: 400 });
      expect((await client.stats()).delayed).toBe(1);
      await client.queueTask('note', 'early');
      await client.result(late);
      expect(log).toEqual(['early', 'late']);
    });

    test('queues one of those with the same dedupe key', async () => {
      let runs = 0;
      const gate = new Gate();
      const tasks = defineTasks()({ count: async () => (await gate.pass(), ++runs) });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const add = vi.spyOn(BullEngine.prototype, 'add');
      const id = await client.submit('count', undefined, { dedupe: 'the one' });
      expect(await client.submit('count', undefined, { dedupe: 'the one' })).toBe(id);
      const result = client.queueTask('count', undefined, { dedupe: 'the one' });
      const again = client.queueTask('count', undefined, { dedupe: 'the one' });
      await until(() => add.mock.settledResults.filter(({ type }) => type === 'fulfilled').length === 4, 'the answers');
      add.mockRestore();
      await until(() => gate.held === 1, 'it to run');
      gate.open();
      expect(await Promise.all([client.result(id), result, again])).toEqual([1, 1, 1]);
      expect(await client.queueTask('count', undefined, { dedupe: 'the one' })).toBe(2);
    });
  });
}
