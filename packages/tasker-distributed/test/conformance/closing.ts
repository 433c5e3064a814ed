import { describe, expect, test } from 'vitest';
import { isTaskerError } from 'tasker';
import { connect, defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

export function closing(bench: () => Bench): void {
  describe('a client that closes', () => {
    test('rejects those who wait, and the tasks go on', async () => {
      const gate = new Gate();
      const tasks = defineTasks()({ hold: async () => (await gate.pass(), 'done') });
      await bench().worker(tasks);
      const client = await connect(tasks, bench().url, { name: bench().name });
      const id = await client.submit('hold');
      const waiting = failing(client.result(id));
      const other = failing(client.queueTask('hold'));
      await until(() => gate.held === 1, 'it to run');
      await client.close();
      expect(isTaskerError(await waiting, 'STOPPED')).toBe(true);
      expect(isTaskerError(await other, 'STOPPED')).toBe(true);
      expect(isTaskerError(await failing(client.queueTask('hold')), 'STOPPED')).toBe(true);
      expect(isTaskerError(await failing(client.submit('hold')), 'STOPPED')).toBe(true);
      await client.close();
      gate.open();
      const later = await bench().client(tasks);
      expect(await later.result(id)).toBe('done');
    });
  });
}
