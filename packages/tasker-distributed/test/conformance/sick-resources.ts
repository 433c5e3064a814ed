import { describe, expect, test } from 'vitest';
import { isTaskerError } from 'tasker';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';

/** A task that finds its resource sick until a certain attempt, and a log of those. */
const sickUntil = () => {
  const log: string[] = [];
  const tasks = defineTasks<{ id: number }>()({
    try: ({ id }, { good }: { good: number }, { attempt }) => {
      log.push(`attempt ${attempt} on ${id}`);
      if (attempt < good) throw new Error(`sick ${attempt}`);
      return attempt;
    },
  });
  return { tasks, log };
};

const hooks = () => {
  let made = 0;
  const destroyed: number[] = [];
  return {
    destroyed,
    config: {
      onCreate: () => ({ id: ++made }),
      onDestroy: ({ id }: { id: number }, reason: string) => void (reason === 'sick' && destroyed.push(id)),
      checkHealth: () => false,
      resourcePoolSize: 0,
    },
  };
};

export function sickResources(bench: () => Bench): void {
  describe('a sick resource', () => {
    test('is replaced and its task runs again', async () => {
      const { tasks, log } = sickUntil();
      const { config, destroyed } = hooks();
      await bench().resourceWorker(tasks, config);
      const client = await bench().client(tasks);
      expect(await client.queueTask('try', { good: 3 })).toBe(3);
      expect(log).toEqual(['attempt 1 on 1', 'attempt 2 on 2', 'attempt 3 on 3']);
      expect(destroyed).toEqual([1, 2]);
    });

    test('exhausts the retries of a task', async () => {
      const { tasks, log } = sickUntil();
      await bench().resourceWorker(tasks, { ...hooks().config, maxRetries: 1 });
      const client = await bench().client(tasks);
      const error = (await failing(client.queueTask('try', { good: 9 }))) as Error;
      expect(isTaskerError(error, 'RETRIES_EXHAUSTED')).toBe(true);
      expect(error.cause).toMatchObject({ message: 'sick 2' });
      expect(log.length).toBe(2);
    });

    test('fails a task that runs once with its own error', async () => {
      const { tasks, log } = sickUntil();
      await bench().resourceWorker(tasks, hooks().config);
      const client = await bench().client(tasks);
      expect(await failing(client.queueTaskOnce('try', { good: 9 }))).toMatchObject({ message: 'sick 1' });
      expect(await failing(client.queueTaskWithPriorityOnce('try', { good: 9 }))).toMatchObject({ message: 'sick 1' });
      expect(log.length).toBe(2);
    });
  });
}
