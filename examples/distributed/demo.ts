/**
 * A submitter and two workers, of which one is killed on the way: `npm run demo:distributed`. They share a PostgreSQL that comes with npm, or,
 * with `-- --url redis://…` or `-- --url postgres://…`, a server of yours, in a queue of their own. `-- --tasks N` instead of 120.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect, isDistributedError } from 'tasker-distributed';
import { makeBook, startStore, startWorker, useStore } from './stage.ts';
import { tasks } from './tasks.ts';
import type { Receipt } from './tasks.ts';
import { paint, tell } from './tell.ts';
import { judge, nameOf } from './verdict.ts';
import type { Known } from './verdict.ts';

/** What has come to no end after so many ms is lost. */
const PATIENCE = 120_000;

/** Whether nothing was lost. */
async function play(url: string | undefined, size: number, interruption: AbortSignal): Promise<boolean> {
  const name = `demo-${process.pid}`;
  await using store = url === undefined ? await startStore() : useStore(url, name);
  tell('store', url === undefined ? `a PostgreSQL of its own, ${store.url}` : `yours, a queue ${name} in it`);
  await using book = await makeBook();
  await using a = await startWorker('A', store.url, name, book.path);
  tell('worker A', `process ${a.process.pid}, 4 tasks at a time`);
  await using b = await startWorker('B', store.url, name, book.path);
  tell('worker B', `process ${b.process.pid}, 4 tasks at a time`);
  await using client = await connect(tasks, store.url, { name });

  const all = Array.from({ length: size }, (_, i): Known => ({
    kind: i % 4 === 3 ? 'charge' : 'invoice',
    order: i + 1,
  }));
  const ended = (): number => all.filter(({ hasEnded }) => hasEnded).length;
  const endedOn = (worker: string): number => all.filter(({ receipt }) => receipt?.worker === worker).length;

  /** In the middle of tasks of both kinds, if that comes soon. */
  const killA = (): void => {
    const running = all.filter(({ worker, hasEnded }) => worker === 'A' && !hasEnded);
    const isBoth = new Set(running.map(({ kind }) => kind)).size === 2;
    if (a.process.killed || ended() < size / (isBoth ? 4 : 2)) return;
    a.process.kill('SIGKILL');
    tell('kill -9', `worker A, last heard of in ${running.map(nameOf).join(', ')}`, 'red');
    tell('', paint('dim', 'its tasks come back when the store has not heard of it for 2 s'));
  };
  const submit = async (task: Known): Promise<void> => {
    const { kind, order } = task;
    const onProgress = (value: unknown): void => {
      const { worker, attempt } = value as Receipt;
      task.worker = worker;
      if (attempt > 1) tell(`worker ${worker}`, `runs ${nameOf(task)} again`, 'yellow');
      killA();
    };
    try {
      task.receipt = await (kind === 'charge'
        ? client.queueTaskOnce('charge', { order }, { onProgress })
        : client.queueTask('invoice', { order }, { onProgress }));
    } catch (error) {
      task.error = error;
      if (interruption.aborted) return;
      const what = isDistributedError(error) ? error.code : String(error);
      tell('submitter', `is told of ${nameOf(task)}: ${what}`, 'yellow');
    }
    task.hasEnded = true;
    killA();
  };
  tell('submitter', `${size} tasks: invoices, which may run again, and charges, which may not`);
  const reports = setInterval(() => {
    tell('', paint('dim', `${ended()} have ended: ${endedOn('A')} on A, ${endedOn('B')} on B`));
  }, 1_000);
  const tooLate = setTimeout(PATIENCE, undefined, { ref: false, signal: interruption });
  await Promise.race([Promise.all(all.map(submit)), tooLate]).finally(() => clearInterval(reports));

  tell('submitter', `has heard of ${ended()} of ${size} tasks`);
  const stats = await client.stats();
  const { queued, delayed, running, completed, failed } = stats;
  tell('store', `${queued + delayed} wait, ${running} run, ${completed} completed, ${failed} failed`);
  const entries = (await readFile(book.path, 'utf8')).split('\n').filter(Boolean);
  return judge(all, entries.map(Number), stats);
}

const { values } = parseArgs({ options: { url: { type: 'string' }, tasks: { type: 'string', default: '120' } } });
const size = Number(values.tasks);
if (!(size > 0)) throw new Error(`--tasks must be a number above 0, got ${values.tasks}`);
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
try {
  process.exitCode = (await play(values.url, size, interruption.signal)) ? 0 : 1;
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  console.log('Interrupted; everything is taken away again.');
  process.exitCode = 130;
}
