import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { managerConfig } from '../../src/work/manager-config.ts';

const isFine = (): boolean => true;
const backoff = (): number => 1;

test('a flag wins over the module, which wins over the defaults', () => {
  const rate = { limit: 20, interval: 1_000 };
  const module = { workerCount: 2, maxWorkerCount: 4, timeout: 5, keyConcurrency: 3 };
  expect(managerConfig(module, { maxWorkerCount: 8, timeout: 9, rate })).toEqual({
    workerCount: 2,
    maxWorkerCount: 8,
    timeout: 9,
    keyConcurrency: 3,
    rate,
    resourcePoolSize: 0,
  });
});

test('there is one worker, and as many as there are cores under load, but never fewer than are always there', () => {
  expect(managerConfig({}, {})).toMatchObject({ workerCount: 1, maxWorkerCount: availableParallelism() });
  expect(managerConfig({}, { workerCount: 1_000 })).toMatchObject({ workerCount: 1_000, maxWorkerCount: 1_000 });
});

test('one of the numbers of workers that a flag sets wins over the other one of the module', () => {
  const module = { workerCount: 4, maxWorkerCount: 8 };
  expect(managerConfig(module, { maxWorkerCount: 2 })).toMatchObject({ workerCount: 2, maxWorkerCount: 2 });
  expect(managerConfig(module, { workerCount: 16 })).toMatchObject({ workerCount: 16, maxWorkerCount: 16 });
  expect(managerConfig(module, { workerCount: 6 })).toMatchObject({ workerCount: 6, maxWorkerCount: 8 });
});

test('what the module, or the flags, say wrongly stays for the manager to refuse', () => {
  expect(managerConfig({ workerCount: 4, maxWorkerCount: 2 }, {})).toMatchObject({ workerCount: 4, maxWorkerCount: 2 });
  const flags = { workerCount: 4, maxWorkerCount: 2 };
  expect(managerConfig({}, flags)).toMatchObject(flags);
  expect(managerConfig({ workerCount: 'two' as never }, {})).toMatchObject({ workerCount: 'two' });
});

test('retries are of every error if the module judges none, and as its checkHealth says if it has one', () => {
  const retried = managerConfig({}, { maxRetries: 2 });
  expect(retried.maxRetries).toBe(2);
  expect(retried.checkHealth?.(new Error(), {} as never)).toEqual({ resource: 'keep', task: 'retry' });
  expect(managerConfig({ checkHealth: isFine }, { maxRetries: 2 })).toMatchObject({
    checkHealth: isFine,
    maxRetries: 2,
  });
  expect(managerConfig({}, {})).not.toHaveProperty('checkHealth');
});

test('retries win over the policy of the module', () => {
  expect(managerConfig({ retry: { maxRetries: 9, backoff } }, { maxRetries: 2 }).retry).toEqual({
    maxRetries: 2,
    backoff,
  });
});
