import { expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import { start, watch } from '../support/harness.ts';

it('finds what runs and waits by id and by a part of the name, whatever the case', async () => {
  const { clock, manager } = await start({ scaling: 'off', maxTemporaryResources: 1 });
  watch(manager.queueTask((resource) => resource.work(10), { name: 'Resize a.jpg' }));
  watch(manager.runTask((resource) => resource.work(10), { name: 'mail' }));
  await clock.advance(0);
  for (const name of ['resize b.jpg', 'other', 'resize c.jpg']) watch(manager.queueTask(() => 1, { name }));
  watch(manager.queueTask(() => 1));
  const names = (text: string, limit?: number): unknown[] =>
    manager.find(text, { ...(limit !== undefined && { limit }) }).map(({ name, state }) => [name, state]);
  expect(names('resize')).toEqual([
    ['Resize a.jpg', 'running'],
    ['resize b.jpg', 'queued'],
    ['resize c.jpg', 'queued'],
  ]);
  expect(names('resize', 2)).toHaveLength(2);
  expect(names('resize', 0)).toEqual([]);
  expect(names('4')).toEqual([['other', 'queued']]);
  expect(names('')).toHaveLength(6);
  expect(names('nothing like that')).toEqual([]);
  await clock.advance(20);
  expect(names('')).toEqual([]);
});

it('refuses what is no text', async () => {
  const { manager } = await start();
  for (const text of [undefined, 1, null]) {
    expect(() => manager.find(text as never)).toThrow(/^text must be a string/);
  }
  expect(() => manager.find('', { limit: -1 })).toThrow(
    expect.toSatisfy((error) => isTaskerError(error, 'INVALID_CONFIG')),
  );
});

it('limits() tells the sizes as resize() has left them, and rates as copies', async () => {
  const rate = { limit: 5, interval: 1_000 };
  const { manager } = await start({ workerCount: 2, maxWorkerCount: 4, resourcePoolSize: 1, rate, scaling: 'off' });
  manager.resize({ workerCount: 3 });
  const limits = manager.limits();
  expect(limits).toEqual({
    workerCount: 3,
    maxWorkerCount: 4,
    resourcePoolSize: 1,
    tasksPerWorker: 1,
    maxQueueSize: Infinity,
    keyConcurrency: Infinity,
    rate: [rate],
    keyRate: [],
  });
  Object.assign(limits.rate[0] ?? {}, { limit: 100 });
  expect(manager.limits().rate).toEqual([rate]);
});
