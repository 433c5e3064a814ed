import { createTaskManager } from 'tasker';
import type { Clock, Scaler, TaskManager } from 'tasker';
import { afterEach, describe, expect, it } from 'vitest';

const TASKS = 100_000;

/** So much time each reading of the clock takes, in milliseconds. */
const STEP = 0.005;

/**
 * A clock that goes on by its readings alone: how much is done between two turns is the same on any machine.
 */
function ticking(step: number): Clock {
  let now = 0;
  return { now: () => (now += step), setTimeout: () => 0, clearTimeout: () => {} };
}

const managers: TaskManager<number>[] = [];

afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.kill();
});

/** Turns of the event loop while the work is done, and the longest time between two of them. */
async function turnsDuring(
  step: number,
  work: (manager: TaskManager<number>) => Promise<unknown>,
  scaling: Scaler = () => 4,
) {
  const clock = ticking(step);
  let made = 0;
  const manager = await createTaskManager<number>({
    onCreate: () => ++made,
    onDestroy: () => {},
    workerCount: 4,
    maxWorkerCount: 8,
    scaling,
    clock,
  });
  managers.push(manager);
  await new Promise((resolve) => setImmediate(resolve));
  const working = work(manager); // the submissions are one synchronous stretch, which nobody but the test could divide
  let [turns, longest, last, isOver] = [0, 0, clock.now(), false];
  const turned = (): void => {
    turns++;
    const now = clock.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turned);
  };
  setImmediate(turned);
  await working;
  isOver = true;
  longest = Math.max(longest, clock.now() - last);
  return { turns, longest };
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

/** 16 clients that each submit their next task when they have their result. */
async function clients(next: () => Promise<unknown>): Promise<void> {
  let left = TASKS;
  const client = async (): Promise<void> => {
    while (left-- > 0) await next();
  };
  await Promise.all(times(16, client));
}

const one = (): number => 1;
const soon = async (): Promise<number> => 1;

const DRAINS: [string, (manager: TaskManager<number>) => Promise<unknown>][] = [
  ['a queue of sync tasks', (manager) => queued(manager, one)],
  ['a queue of async tasks', (manager) => queued(manager, soon)],
  ['clients that submit the next sync task', (manager) => clients(() => manager.queueTask(one))],
  ['clients that submit the next async task', (manager) => clients(() => manager.queueTask(soon))],
  ['sync runTask side by side', (manager) => Promise.all(times(TASKS, () => manager.runTask(one)))],
  ['clients that call runTask', (manager) => clients(() => manager.runTask(soon))],
  ['clients that lease and release', (manager) => clients(async () => (await manager.lease()).release())],
  ['map', (manager) => mapped(manager)],
  ['tasks that fail', (manager) => clients(() => manager.queueTask(() => Promise.reject(new Error('own'))).catch(one))],
];

/** All wait before the first starts. */
function queued(manager: TaskManager<number>, task: () => unknown): Promise<unknown> {
  manager.pause();
  const all = Promise.all(times(TASKS, () => manager.queueTask(task)));
  manager.resume();
  return all;
}

async function mapped(manager: TaskManager<number>): Promise<void> {
  for await (const _ of manager.map(times(TASKS, one), one));
}

describe('tasks that await nothing real let the event loop have its turn', () => {
  it.each(DRAINS)('every 10 ms: %s', async (_, work) => {
    const { turns, longest } = await turnsDuring(STEP, work);
    expect(longest).toBeLessThan(11);
    expect(turns).toBeGreaterThan((TASKS * STEP) / 11);
  });

  it('and ask for no workers meanwhile, since there are idle ones', async () => {
    const asked: number[] = [];
    await turnsDuring(
      STEP,
      (manager) => queued(manager, soon),
      ({ queued: waiting, idle }) => {
        if (waiting > 0) asked.push(idle);
        return 4;
      },
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(Math.max(...asked)).toBe(0);
  });

  it('but not on a clock that stands still', async () => {
    const { turns } = await turnsDuring(0, (manager) => queued(manager, soon));
    expect(turns).toBeLessThan(5);
  });
});
