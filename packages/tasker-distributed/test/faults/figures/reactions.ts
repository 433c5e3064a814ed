import { connect, defineTasks } from '../../../src/index.ts';
import { Bench } from '../../support/bench.ts';
import { Crew } from '../../support/crew.ts';
import { Gate } from '../../support/gate.ts';
import { namedTasks } from '../../support/named-tasks.ts';
import { until } from '../../support/until.ts';
import { msOf, timed } from './figure.ts';
import type { Figure } from './figure.ts';

/** How long it takes until a worker that is busy runs one more task, and as many as it may. */
export async function scaleUp(url: string): Promise<Figure> {
  const gate = new Gate();
  const tasks = defineTasks<object>()({ hold: () => gate.pass() });
  const bench = new Bench(url);
  try {
    await bench.resourceWorker(tasks, {
      ...{ onCreate: () => ({}), onDestroy: () => {} },
      ...{ workerCount: 1, maxWorkerCount: 6, growthMustPay: false },
    });
    const client = await bench.client(tasks);
    const results = [client.queueTask('hold')];
    await until(() => gate.held === 1, 'one to run');
    for (let i = 0; i < 5; i++) results.push(client.queueTask('hold'));
    const ms = await msOf(() => until(() => gate.held > 1, 'another one to run'));
    const more = await msOf(() => until(() => gate.held === 6, 'six to run'));
    gate.open();
    await Promise.all(results);
    return timed(
      'scale-up while busy: a second place',
      ms,
      250,
      true,
      `all of 6 places after ${Math.round(ms + more)} ms`,
    );
  } finally {
    await bench.close();
  }
}

/** How long `kill()` takes, and whether its tasks are back in the store then. */
export async function kill(url: string): Promise<Figure> {
  const gate = new Gate();
  const tasks = defineTasks()({ hold: (_, __: undefined, { signal }) => gate.pass(signal) });
  const bench = new Bench(url);
  try {
    const client = await bench.client(tasks);
    const worker = await bench.worker(tasks, { workerCount: 5, maxWorkerCount: 5 });
    await client.submitMany('hold', Array.from({ length: 5 }));
    await until(() => gate.held === 5, 'five to run');
    const ms = await msOf(() => worker.kill());
    const { queued, delayed } = await client.stats();
    return timed(
      'kill() with 5 running tasks',
      ms,
      1_000,
      queued + delayed === 5,
      `${queued + delayed} back in the store`,
    );
  } finally {
    await bench.close();
  }
}

/** How long it takes to cancel a task that runs in another process. */
export async function cancel(url: string, limit: number): Promise<Figure> {
  const crew = new Crew(url);
  try {
    await using client = await connect(namedTasks, url, { name: crew.name });
    await crew.worker(1);
    const id = await client.submit('hang', { text: 'hanging' });
    await until(() => crew.log.begun['hanging'] === 1, 'it to run');
    let isCancelled = false;
    const ms = await msOf(async () => {
      isCancelled = await client.cancel(id);
    });
    return timed('cancel of a task that runs in another process', ms, limit, isCancelled);
  } finally {
    await crew.end();
  }
}
