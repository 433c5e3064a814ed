import { describe, expect, it } from 'vitest';
import { children } from '../support/lifecycle-child.ts';

const run = children();

/** Runs tasks in a process of its own and prints the heap after the first 100 thousand and after all of them. */
const script = (tasks: number): string => `
  import { createTaskManager } from 'tasker';

  const heap = () => {
    for (let i = 0; i < 4; i++) gc();
    return process.memoryUsage().heapUsed;
  };
  const manager = await createTaskManager({
    workerCount: 4,
    onCreate: () => ({}),
    onDestroy: () => {},
    checkHealth: (error) => error !== sick,
  });
  const sick = new Error('sick');
  const own = new Error('own');
  const { signal } = new AbortController();
  let failures = 0;
  const count = () => { failures++; };
  const task = async () => {};
  /** A thousand tasks, a few of each kind that has something to leave behind. */
  async function batch() {
    const tasks = [];
    for (let i = 0; i < 1000; i++) {
      if (i % 100 === 1) tasks.push(manager.queueTask(task, { signal, timeout: 60_000, deadline: 60_000, name: 'n' }));
      else if (i % 100 === 2) tasks.push(manager.queueTask(() => { throw own; }).catch(count));
      else if (i % 100 === 3) tasks.push(manager.runTask(task, { signal }));
      else if (i % 100 === 4) tasks.push(manager.queueTask(task, { priority: i, queueTimeout: 60_000 }));
      else if (i === 5) tasks.push(manager.queueTask((_, { attempt }) => { if (attempt === 1) throw sick; }));
      else if (i === 6) tasks.push(manager.queueTask(task, { key: String(Math.random()) }));
      else if (i === 7) {
        const controller = new AbortController();
        tasks.push(manager.queueTask(task, { signal: controller.signal }).catch(count));
        controller.abort();
      } else tasks.push(manager.queueTask(task));
    }
    await Promise.all(tasks);
  }
  for (let i = 0; i < 100; i++) await batch();
  const before = heap();
  for (let i = 100; i < ${tasks / 1000}; i++) await batch();
  const after = heap();
  const { totalTasksArrived, totalTasksCompleted, totalTasksFailed, totalTasksCancelled } = manager.metrics();
  await manager.stop();
  console.log(JSON.stringify({
    before, after, totalTasksArrived, ended: totalTasksCompleted + totalTasksFailed + totalTasksCancelled,
  }));
`;

describe('the heap', () => {
  it('after 5 million tasks is what it was after 100 thousand', async () => {
    const tasks = 5_000_000;
    const { code, lines, stderr } = await run(script(tasks), '--expose-gc');
    expect([code, stderr]).toEqual([0, '']);
    const { before, after, totalTasksArrived, ended } = JSON.parse(lines[0] ?? '') as Record<string, number>;
    expect([totalTasksArrived, ended]).toEqual([tasks, tasks]);
    // A single number kept for each task would be 40 MB.
    expect(((after ?? Infinity) - (before ?? 0)) / 2 ** 20).toBeLessThan(2);
  }, 120_000);
});
