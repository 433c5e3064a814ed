import { describe, expect, test } from 'vitest';
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
