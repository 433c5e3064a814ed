import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { Gate } from '../support/gate.ts';

export function context(bench: () => Bench): void {
  describe('the context', () => {
    test('has id, name, attempt and worker', async () => {
      const tasks = defineTasks()({
        tell: (_, __: undefined, { id, name, attempt, worker }) => ({ id, name, attempt, process: worker.process }),
      });
      const worker = await bench().worker(tasks);
      const client = await bench().client(tasks);
      const id = await client.submit('tell');
      expect(await client.result(id)).toEqual({ id, name: 'tell', attempt: 1, process: worker.name });
    });

    test('has progress, which reaches the submitter', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({
        tell: async (_, __: undefined, { progress }) => {
          for (let told = 1; !gate.isOpen; told++) {
            progress({ step: [told] }); // some of it may get lost
            await setTimeout(20);
          }
        },
      });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const seen: unknown[] = [];
      await client.queueTask('tell', undefined, {
        onProgress: (value) => {
          seen.push(value);
          gate.open();
        },
      });
      expect(seen[0]).toEqual({ step: [expect.any(Number)] });
    });
  });
}
