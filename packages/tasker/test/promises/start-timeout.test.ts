import { describe, expect, it } from 'vitest';
import { createTaskManager, startTaskManager } from '../../src/index.ts';
import { harness, watch } from '../support/harness.ts';

const createBackoff = (): number => 100;

describe('startTimeout', () => {
  it('has the first creations tried again until they succeed', async () => {
    const { clock, fakes, config, adopt } = harness({ failCreate: (n) => n <= 6 });
    const start = watch(createTaskManager(config({ workerCount: 2, startTimeout: 10_000, createBackoff })).then(adopt));
    await clock.advance(1_000);
    expect([start.state, start.value?.stats().activeWorkers, fakes.created]).toEqual(['fulfilled', 2, 2]);
    await clock.advance(20_000);
    expect(start.value?.stats().state).toBe('running');
  });

  it('backs off between them, as at any time', async () => {
    const { clock, fakes, config } = harness({ failCreate: true });
    const asked: number[] = [];
    const start = watch(
      createTaskManager(
        config({ workerCount: 4, startTimeout: 1_000, createBackoff: (failures) => asked.push(failures) * 100 }),
      ),
    );
    await clock.advance(1_000);
    // Four side by side, then one probe after 100, 200, 300 ms.
    expect([start.state, fakes.attempts, asked]).toEqual(['rejected', 7, [1, 2, 3, 4]]);
  });

  it('passed, rejects with the last failure, and destroys what came up', async () => {
    const { clock, fakes, config } = harness({ failCreate: (n) => n > 1 && new Error(`failure ${n}`) });
    const start = watch(createTaskManager(config({ workerCount: 2, startTimeout: 450, createBackoff })));
    await clock.advance(449);
    expect(start.state).toBe('pending');
    await clock.advance(1);
    expect(start.error).toMatchObject({
      code: 'CREATE_FAILED',
      message: 'a resource could not be made within startTimeout, 450 ms: failure 6',
      cause: expect.objectContaining({ message: 'failure 6' }) as unknown,
    });
    expect([fakes.created, fakes.destroyed]).toEqual([1, 1]);
  });

  it('says that onCreate has not ended if none has failed', async () => {
    const { clock, config } = harness({ hangCreate: true });
    const start = watch(createTaskManager(config({ startTimeout: 500, destroyTimeout: 50 })));
    await clock.advance(550);
    expect(start.error).toMatchObject({
      code: 'CREATE_FAILED',
      message: expect.stringMatching(/onCreate has not ended$/) as string,
    });
  });

  it('lets tasks of every kind wait for the first resource, however often creations fail meanwhile', async () => {
    const { clock, config, adopt } = harness({ failCreate: (n) => n <= 20 });
    const manager = adopt(startTaskManager(config({ startTimeout: Infinity, createBackoff, resourcePoolSize: 1 })));
    const lease = manager.lease();
    const tasks = [manager.queueTask(() => 1), manager.runTask(() => 2), lease].map((task) => watch<unknown>(task));
    await clock.advance(1_500);
    expect(tasks.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    await clock.advance(1_000);
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    await lease.then((held) => held.release());
  });

  it('is over with a stop, a kill or an aborted signal', async () => {
    for (const end of ['stop', 'kill', 'abort'] as const) {
      const { clock, fakes, config, adopt } = harness({ failCreate: true });
      const controller = new AbortController();
      const manager = adopt(
        startTaskManager(config({ startTimeout: 60_000, createBackoff, signal: controller.signal })),
      );
      const ready = watch(manager.ready);
      await clock.advance(250);
      if (end === 'abort') controller.abort();
      else void manager[end]();
      await clock.advance(0);
      const { attempts } = fakes;
      await clock.advance(1_000);
      expect([end, ready.state, fakes.attempts - attempts, clock.pending]).toEqual([end, 'rejected', 0, 0]);
    }
  });
});
