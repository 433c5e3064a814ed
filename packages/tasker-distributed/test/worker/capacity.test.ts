import { expect, test } from 'vitest';
import { Capacity } from '../../src/worker/capacity.ts';

const managerOf = (activeWorkers: number, maxWorkerCount: number, tasksPerWorker = 1) => {
  const listeners: (() => void)[] = [];
  const manager = {
    activeWorkers,
    stats: () => ({ activeWorkers: manager.activeWorkers }),
    limits: () => ({ workerCount: 1, maxWorkerCount, tasksPerWorker }),
    on: (_event: string, listener: () => void) => (listeners.push(listener), () => {}),
    change: (workers: number) => {
      manager.activeWorkers = workers;
      for (const listener of listeners) listener();
    },
  };
  return manager;
};
const capacityOf = (manager: ReturnType<typeof managerOf>, mayGrow = true): Capacity =>
  new Capacity(manager as unknown as ConstructorParameters<typeof Capacity>[0], mayGrow);

test('as many again as there are places are taken, so that the manager grows, but no more than there may be', () => {
  expect(capacityOf(managerOf(2, 16)).now).toBe(4);
  expect(capacityOf(managerOf(10, 16)).now).toBe(16);
  expect(capacityOf(managerOf(1, 1)).now).toBe(1);
  expect(capacityOf(managerOf(2, 8, 8)).now).toBe(32);
  expect(capacityOf(managerOf(1, 16), false).now).toBe(1);
});

test('one is taken by a worker that has no resource yet', () => {
  expect(capacityOf(managerOf(0, 16)).now).toBe(1);
});

test('it follows the workers that come and go', () => {
  const manager = managerOf(1, 6);
  const seen: number[] = [];
  capacityOf(manager).follow((places) => seen.push(places));
  for (const workers of [2, 3, 4, 1]) manager.change(workers);
  expect(seen.at(0)).toBe(2);
  expect(new Set(seen)).toEqual(new Set([2, 4, 6]));
  expect(seen.at(-1)).toBe(2);
});
