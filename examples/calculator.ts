/** First steps: a calculator is the resource; tasks are queued, put first, and run at once. */
import { createTaskManager } from 'tasker';

class Calculator {
  operations = 0;

  add(a: number, b: number): number {
    this.operations++;
    return a + b;
  }

  divide(a: number, b: number): number {
    this.operations++;
    if (b === 0) throw new RangeError(`cannot divide ${a} by zero`);
    return a / b;
  }
}

const manager = await createTaskManager<Calculator>({
  onCreate: () => new Calculator(),
  onDestroy: () => {},
  workerCount: 1, // one calculator for the queue
  resourcePoolSize: 1, // and one for runTask
});

// A task gets the calculator of the worker that runs it; what it returns or throws is the caller's.
console.log(`2 + 3 = ${await manager.queueTask((calculator) => calculator.add(2, 3))}`);
await manager
  .queueTask((calculator) => calculator.divide(1, 0))
  .catch((error: Error) => console.log(`1 / 0: ${error.message}`));

// A higher priority goes first, whoever came first.
const order: string[] = [];
const sum = (name: string) => (calculator: Calculator) => {
  order.push(name);
  return calculator.add(1, 1);
};
await Promise.all([
  manager.queueTask(sum('later'), { priority: -1 }),
  manager.queueTask(sum('normal')),
  manager.queueTaskWithPriority(sum('soon')), // priority 1
  manager.queueTask(sum('first'), { priority: 10 }),
]);
console.log(`order: ${order.join(', ')}`);

// runTask does not wait for the queue.
console.log(`7 / 2 = ${await manager.runTask((calculator) => calculator.divide(7, 2))}`);

const { activeWorkers, queuedTasks, availableResources } = manager.stats();
console.log(`workers ${activeWorkers}, queued ${queuedTasks}, ready for runTask ${availableResources}`);
const { totalTasksCompleted, totalTasksFailed } = manager.metrics();
console.log(`completed ${totalTasksCompleted}, failed ${totalTasksFailed}`);
await manager.stop();
console.log(manager.stats().state);
