import { describe, expect, test } from 'vitest';
import { openQueue } from '../../src/bullmq.ts';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';

export function bullmq(bench: () => Bench): void {
  describe('the queue of BullMQ', () => {
    const tasks = defineTasks()({
      divide: async (_, { by }: { by: number }) => {
        if (by === 0) throw new RangeError('divided by zero');
        return 1 / by;
      },
      refuse: async () => {
        throw Object.assign(new Error('no'), { toJSON: () => ({ name: 'Refusal', message: 'no\nstack' }) });
      },
    });

    test('has the tasks with their names, inputs and results', async () => {
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const id = await client.submit('divide', { by: 4 });
      await client.result(id);
      await using opened = await openQueue(bench().url, { name: bench().name });
      const job = await opened.queue.getJob(id);
      expect(job).toMatchObject({ name: 'divide', data: { input: { by: 4 } }, returnvalue: { ok: true, value: 0.25 } });
    });

    test('is removed with all that is in it', async () => {
      const { url, name } = bench();
      const worker = await bench().worker(tasks);
      const client = await bench().client(tasks);
      await client.queueTask('divide', { by: 4 });
      await worker.stop();
      await client.submit('divide', { by: 5 });
      await client.close();
      await using opened = await openQueue(url, { name });
      await opened.remove();
      expect(Object.values(await opened.queue.getJobCounts()).every((count) => count === 0)).toBe(true);
    });

    test('tells people why tasks failed, in the first line of the reason and in the stack', async () => {
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const ids = [await client.submit('divide', { by: 0 }), await client.submit('refuse')];
      for (const id of ids) await failing(client.result(id));
      await using opened = await openQueue(bench().url, { name: bench().name });
      const [divide, refuse] = await Promise.all(ids.map((id) => opened.queue.getJob(id)));
      expect(divide?.failedReason).toMatch(/^RangeError: divided by zero\n/);
      expect(divide?.stacktrace?.[0]).toMatch(/^RangeError: divided by zero\n +at /);
      expect(refuse?.failedReason).toMatch(/^Refusal: no\n/);
      expect(refuse?.stacktrace).toEqual(['Refusal: no']);
    });
  });
}
