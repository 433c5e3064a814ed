import { describe, expect, test } from 'vitest';
import { openQueue } from '../../src/bullmq.ts';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { until } from '../support/until.ts';

export function schedules(bench: () => Bench): void {
  describe('schedules', () => {
    test('queue a task again and again, until they end', async () => {
      let runs = 0;
      const tasks = defineTasks()({ tick: (_, by: number) => void (runs += by) });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      await client.schedule('often', 'tick', 1, { every: 100 });
      await client.schedule('often', 'tick', 100, { every: 100 });
      await until(() => runs >= 200, 'the second schedule to have run twice');
      expect(await client.unschedule('often')).toBe(true);
      expect(await client.unschedule('often')).toBe(false);
    });

    test('go by the clock of a time zone', async () => {
      let runs = 0;
      const tasks = defineTasks()({ tick: () => void runs++ });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      await client.schedule('secondly', 'tick', undefined, { cron: '* * * * * *', timeZone: 'Asia/Kolkata' });
      await until(() => runs >= 1, 'it to have run');
      await client.unschedule('secondly');
    });

    test('keep their next task: cancelling it says how to end the schedule', async () => {
      const tasks = defineTasks()({ tick: () => 1 });
      const client = await bench().client(tasks);
      await client.schedule('hourly', 'tick', undefined, { every: 3_600_000 });
      await using opened = await openQueue(bench().url, { name: bench().name });
      const [next] = await opened.queue.getJobs(['delayed', 'prioritized', 'waiting']);
      const error = await failing(client.cancel(next?.id ?? ''));
      expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
      expect((error as Error).message).toContain('unschedule');
    });

    test('that make no sense are refused', async () => {
      const tasks = defineTasks()({ tick: () => 1 });
      const client = await bench().client(tasks);
      for (const schedule of [{}, { cron: '* * * * *', every: 1 }, { cron: 'never' }, { every: 0 }]) {
        expect(
          await failing(client.schedule('x', 'tick', undefined, schedule)),
          JSON.stringify(schedule),
        ).toMatchObject({
          code: 'INVALID_CONFIG',
        });
      }
      const nowhere = { cron: '* * * * *', timeZone: 'Mars/Olympus' };
      expect(await failing(client.schedule('x', 'tick', undefined, nowhere))).toMatchObject({ code: 'INVALID_CONFIG' });
    });
  });
}
