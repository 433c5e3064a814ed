import { describe, expect, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

export function context(bench: () => Bench): void {
  describe('the context', () => {
    test('has id, name, attempt and worker, and progress reaches the submitter', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({
        tell: async (_, __: undefined, { id, name, attempt, worker, progress }) => {
          progress({ step: 1 });
          await gate.pass();
          return { id, name, attempt, process: worker.process };
        },
      });
      const worker = await bench().worker(tasks);
      const client = await bench().client(tasks);
      const seen: unknown[] = [];
      const id = await client.submit('tell');
      const first = await bench().client(tasks);
      const told = first.queueTask('tell', undefined, {
        onProgress: (value) => {
          seen.push(value);
          gate.open();
        },
      });
      const result = client.result(id, { onProgress: () => gate.open() });
      // The first may have told before anybody listened.
      await until(() => gate.held === 1, 'the first to run');
      gate.open();
      expect(await result).toEqual({ id, name: 'tell', attempt: 1, process: worker.name });
      await told;
      await until(() => seen.length > 0, 'the progress to arrive').catch(() => {});
      expect(seen).toEqual([{ step: 1 }]);
    });
  });
}
