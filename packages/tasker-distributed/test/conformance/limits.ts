import { describe, expect, test } from 'vitest';
import { isTaskerError } from 'tasker';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { holding } from '../support/holding.ts';
import { until } from '../support/until.ts';

export function limits(bench: () => Bench): void {
  describe('limits', () => {
    test('end the wait for what no worker takes, and remove it', async () => {
      const tasks = defineTasks()({ run: () => 1 });
      const client = await bench().client(tasks);
      const waiting = client.queueTask('run', undefined, { queueTimeout: 50 });
      const late = client.queueTask('run', undefined, { deadline: new Date(Date.now() + 50) });
      const error = await failing(waiting);
      expect(isTaskerError(error, 'QUEUE_TIMEOUT')).toBe(true);
      expect((error as Error).message).toMatch(/^task \S{36} "run" waited longer than its queueTimeout, 50 ms$/);
      expect(isTaskerError(await failing(late), 'DEADLINE')).toBe(true);
      await until(async () => (await client.stats()).queued === 0, 'both to be gone');
    });

    test('hold for whoever asks for the result, in any process', async () => {
      const tasks = defineTasks()({ run: () => 1 });
      const client = await bench().client(tasks);
      const other = await bench().client(tasks);
      await Promise.all([failing(client.result('nobody')), failing(other.result('nobody'))]); // they listen
      const id = await client.submit('run', undefined, { queueTimeout: 500 });
      const results = await Promise.all([failing(client.result(id)), failing(other.result(id))]);
      for (const error of results) expect(error).toMatchObject({ code: 'QUEUE_TIMEOUT' });
    });

    test('have a worker end what is too late, without it having begun', async () => {
      let runs = 0;
      const tasks = defineTasks()({ run: () => ++runs });
      const client = await bench().client(tasks);
      const [stale = ''] = await client.submitMany('run', [undefined], { queueTimeout: 1 });
      const late = await client.submit('run', undefined, { deadline: 0 });
      const fine = await client.submit('run', undefined, { deadline: 60_000, queueTimeout: 60_000 });
      await bench().worker(tasks);
      expect(await client.result(fine)).toBe(1);
      await until(async () => (await client.stats()).failed === 2, 'the others to be ended');
      expect(await failing(client.result(stale))).toMatchObject({ code: 'QUEUE_TIMEOUT' });
      expect(await failing(client.result(late))).toMatchObject({ code: 'DEADLINE' });
    });

    test('abort what runs past its deadline, and tell everybody', async () => {
      const gate = new Gate();
      const { tasks, aborted } = holding(gate);
      const worker = await bench().worker(tasks);
      const client = await bench().client(tasks);
      const id = await client.submit('hold', undefined, { deadline: 1_500 });
      await until(() => gate.held === 1, 'it to run');
      expect(await failing(client.result(id))).toMatchObject({ code: 'DEADLINE' });
      await until(() => worker.stats().claimedTasks === 0, 'the worker to be done with it');
      expect(isTaskerError(aborted.reason, 'DEADLINE')).toBe(true);
    });
  });
}
