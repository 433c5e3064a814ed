import { describe, expect, test } from 'vitest';
import { isTaskerError } from 'tasker';
import { connect, defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

function* endless(): Generator<undefined> {
  for (;;) yield undefined;
}

export function mapping(bench: () => Bench): void {
  describe('map', () => {
    test('yields results in the order of the items, and pulls no more of an endless source than it may', async () => {
      const tasks = defineTasks()({ double: (_, n: number) => n * 2 });
      await bench().worker(tasks, { workerCount: 4, maxWorkerCount: 4 });
      const client = await bench().client(tasks);
      let pulled = 0;
      let isClosed = false;
      function* naturals(): Generator<number> {
        try {
          for (;;) yield pulled++;
        } finally {
          isClosed = true;
        }
      }
      const seen: number[] = [];
      let ahead = 0;
      for await (const value of client.map('double', naturals(), { concurrency: 5 })) {
        seen.push(value);
        ahead = Math.max(ahead, pulled - seen.length);
        if (seen.length === 20) break;
      }
      expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n * 2));
      expect(ahead).toBeLessThanOrEqual(5);
      expect(isClosed).toBe(true);
    });

    test('ends with the first error, and cancels the rest wherever it is', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({
        pass: async (_, n: number, { signal }) => {
          if (n === 0) throw new Error('no');
          await gate.pass(signal);
        },
      });
      const client = await bench().client(tasks);
      await bench().worker(tasks, { workerCount: 2, maxWorkerCount: 2 });
      const results = client.map('pass', [0, 1, 2, 3], { concurrency: 4 });
      expect(await failing(results.next())).toMatchObject({ message: 'no' });
      expect(await results.next()).toEqual({ done: true, value: undefined });
      await until(async () => {
        const { queued, running } = await client.stats();
        return queued + running === 0;
      }, 'the rest to be cancelled');
    });

    test('with settled goes on after one that fails, and unordered yields whichever is done', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({
        pass: async (_, n: number) => {
          if (n === 0) await gate.pass();
          if (n === 1) throw new Error('no');
          return n;
        },
      });
      await bench().worker(tasks, { workerCount: 2, maxWorkerCount: 2 });
      const client = await bench().client(tasks);
      const outcomes = [];
      for await (const outcome of client.map('pass', [0, 1, 2], { settled: true, ordered: false })) {
        outcomes.push(outcome);
        if (outcomes.length === 2) gate.open();
      }
      expect(outcomes).toEqual([
        { status: 'rejected', reason: expect.objectContaining({ message: 'no' }), item: 1, index: 1 },
        { status: 'fulfilled', value: 2, item: 2, index: 2 },
        { status: 'fulfilled', value: 0, item: 0, index: 0 },
      ]);
    });

    test('ends with the client, and the tasks go on', async () => {
      const gate = new Gate();
      let runs = 0;
      const tasks = defineTasks()({ hold: async () => (await gate.pass(), ++runs) });
      const worker = await bench().worker(tasks, { workerCount: 2, maxWorkerCount: 2 });
      const client = await connect(tasks, bench().url, { name: bench().name });
      const next = failing(client.map('hold', endless(), { settled: true, concurrency: 2 }).next());
      await until(() => gate.held === 2, 'two to run');
      await client.close();
      expect(isTaskerError(await next, 'STOPPED')).toBe(true);
      expect(await failing(client.map('hold', endless()).next())).toMatchObject({ code: 'STOPPED' });
      gate.open();
      await until(() => worker.stats().claimedTasks === 0, 'both to be done');
      expect(runs).toBe(2);
    });

    test('tells at the first item what is wrong', async () => {
      const client = await bench().client(defineTasks()({ run: (_, n: number) => n }));
      const wrong = [
        client.map('run', [1], { concurrency: 0 }),
        client.map('run', [1], { dedupe: 'x' } as never),
        client.map('run', 7 as never),
      ];
      for (const results of wrong) expect(await failing(results.next())).toMatchObject({ code: 'INVALID_CONFIG' });
      expect(await failing(client.map('rnu' as 'run', [1]).next())).toMatchObject({ code: 'UNKNOWN_TASK' });
      expect(await failing(client.submitMany('run', [1], { dedupe: 'x' } as never))).toMatchObject({
        code: 'INVALID_CONFIG',
      });
      expect(await failing(client.submitMany('run', 7 as never))).toMatchObject({ code: 'INVALID_CONFIG' });
      const reason = new Error('before');
      expect(await failing(client.map('run', [1], { signal: AbortSignal.abort(reason) }).next())).toBe(reason);
      expect(await client.stats()).toMatchObject({ queued: 0 });
    });
  });
}
