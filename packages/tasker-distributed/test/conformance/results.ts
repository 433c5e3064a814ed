import { describe, expect, test } from 'vitest';
import { defineTasks, isDistributedError } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

export function results(bench: () => Bench): void {
  describe('results', () => {
    test('come back as they were, whatever JSON can hold, and undefined', async () => {
      const values = [undefined, null, 0, '', 'ü', [1, [2]], { a: { b: [null, true] } }];
      const tasks = defineTasks()({ echo: (_, input: unknown) => input });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      for (const value of values) expect(await client.queueTask('echo', value)).toEqual(value);
    });

    test('may be asked for by id from another client, before and after the end', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({ wait: async (_, n: number) => (await gate.pass(), n) });
      const client = await bench().client(tasks);
      const other = await bench().client(tasks);
      await bench().worker(tasks);
      const id = await client.submit('wait', 7);
      const early = other.result(id);
      await until(() => gate.held === 1, 'the task to run');
      gate.open();
      expect(await early).toBe(7);
      expect(await other.result(id)).toBe(7);
      expect(await client.result(id)).toBe(7);
    });

    test('are waited for until a signal aborts, and the task goes on', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({ wait: async (_, n: number) => (await gate.pass(), n) });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const id = await client.submit('wait', 7);
      const controller = new AbortController();
      const left = failing(client.result(id, { signal: controller.signal }));
      const stayed = client.result(id);
      await until(() => gate.held === 1, 'the task to run');
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await left).toBe(reason);
      expect(await failing(client.result(id, { signal: controller.signal }))).toBe(reason);
      gate.open();
      expect(await stayed).toBe(7);
      expect(await client.result(id, { signal: new AbortController().signal })).toBe(7);
    });

    test('that the store does not have reject with NO_RESULT', async () => {
      const client = await bench().client(defineTasks()({}));
      expect(isDistributedError(await failing(client.result('nobody')), 'NO_RESULT')).toBe(true);
    });

    test('belong to what was passed, whatever becomes of it right after the call', async () => {
      const gate = new Gate();
      const shared = { n: 0 };
      const tasks = defineTasks()({
        echo: (_, { n }: { n: number }) => n,
        share: async (_, __: undefined, { progress }) => {
          progress(shared);
          shared.n = 9;
          await gate.pass();
          queueMicrotask(() => queueMicrotask(() => (shared.n = -1)));
          return shared;
        },
      });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const input = { n: 1 };
      const dedupe = { key: 'before' };
      const queued = client.queueTask('echo', input);
      const one = client.submit('echo', input, { dedupe });
      const many = client.submitMany('echo', [input, input]);
      const scheduled = client.schedule('now', 'echo', input, { every: 3_600_000 });
      input.n = 2;
      dedupe.key = 'after';
      const other = await client.submit('echo', input, { dedupe: 'after' });
      await scheduled;
      expect(await client.unschedule('now')).toBe(true);
      expect(await queued).toBe(1);
      for (const id of [await one, ...(await many)]) expect(await client.result(id)).toBe(1);
      expect(await client.result(other)).toBe(2);
      const seen: unknown[] = [];
      const onProgress = (value: unknown): void => {
        seen.push(value);
        gate.open();
      };
      expect(await client.queueTask('share', undefined, { onProgress })).toEqual({ n: 9 });
      expect(seen).toEqual([{ n: 0 }]);
    });

    test('of many at once belong to their inputs', async () => {
      const tasks = defineTasks()({ double: (_, n: number) => n * 2 });
      await bench().worker(tasks, { workerCount: 4, maxWorkerCount: 4 });
      const client = await bench().client(tasks);
      const inputs = Array.from({ length: 200 }, (_, i) => i);
      expect(await Promise.all(inputs.map((n) => client.queueTask('double', n)))).toEqual(inputs.map((n) => n * 2));
    });

    test('of submitMany come by ids in the order of the inputs', async () => {
      const tasks = defineTasks()({ double: (_, n: number) => n * 2 });
      const client = await bench().client(tasks);
      const inputs = Array.from({ length: 1_100 }, (_, i) => i);
      const ids = await client.submitMany('double', inputs);
      expect(new Set(ids).size).toBe(1_100);
      expect((await client.stats()).queued).toBe(1_100);
      await bench().worker(tasks, { workerCount: 8, maxWorkerCount: 8 });
      expect(await client.result(ids[0] ?? '')).toBe(0);
      expect(await client.result(ids[20] ?? '')).toBe(40);
    });
  });
}
