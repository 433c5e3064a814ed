import { setTimeout } from 'node:timers/promises';
import { connect, defineTasks } from '../../../src/index.ts';
import { Bench } from '../../support/bench.ts';
import { Crew } from '../../support/crew.ts';
import { massacre } from '../massacre.ts';
import { roundTrips } from '../round-trips.ts';
import type { Figure } from './figure.ts';

const nothing = (): void => {};
const every5s = (): Promise<void> => setTimeout(5_000, undefined, { ref: false });
const number = (n: number): string => Math.round(n).toLocaleString('en');

/** Round trips, and how many were lost. */
export async function trips(url: string, count: number, inFlight: number, how: string): Promise<Figure> {
  const runs = new Map<number, number>();
  const tasks = defineTasks()({ echo: (_, n: number) => (runs.set(n, (runs.get(n) ?? 0) + 1), n) });
  const bench = new Bench(url);
  try {
    for (let i = 0; i < 2; i++) await bench.worker(tasks, { workerCount: 10, maxWorkerCount: 10 });
    const { ended, wrong, ms } = await roundTrips(await bench.client(tasks), count, inFlight);
    const twice = [...runs.values()].filter((times) => times > 1).length;
    const lost = count - ended + wrong.length;
    return {
      fault: `${number(count)} round trips at ${inFlight} in flight${how}`,
      target: 'none lost, none twice',
      found: `${lost} lost, ${twice} ran twice; p99 ${number(ms[Math.floor(count * 0.99)] ?? NaN)} ms`,
      isReached: lost === 0 && twice === 0,
    };
  } finally {
    await bench.close();
  }
}

/** Tasks through three worker processes, one of which is killed every 5 s. */
export async function massacreEvery5s(url: string, tasks: number, seed: number): Promise<Figure> {
  const crew = new Crew(url);
  try {
    const report = await massacre(crew, { url, seed, tasks, lock: 5_000, lockCheck: 1_000, next: every5s });
    const { killed, wrong, ranTwiceOnce, lost, ranAgain, ms } = report;
    for (const line of wrong.slice(0, 10)) console.error(`  ${line}`);
    return {
      fault: `${number(tasks)} tasks through 3 worker processes, one killed every 5 s, seed ${seed}`,
      target: 'each its result, none of once twice',
      found:
        `${wrong.length} wrong or lost, ${ranTwiceOnce.length} of once twice; ${killed} killed, ` +
        `${lost} ONCE_LOST, ${ranAgain} ran again; ${number(ms / 1_000)} s`,
      isReached: wrong.length === 0 && ranTwiceOnce.length === 0,
    };
  } finally {
    await crew.end();
  }
}

/** What a submitter needs for each result that it waits for. */
export async function memory(url: string, count: number): Promise<Figure> {
  const tasks = defineTasks()({ echo: (_, n: number) => n });
  const client = await connect(tasks, url, { name: `memory-${process.pid}` });
  await client.stats();
  const before = await heap();
  const startedAt = performance.now();
  for (let n = 0; n < count; n++) client.queueTask('echo', n).catch(nothing);
  while ((await client.stats()).queued < count) await setTimeout(100);
  const ms = performance.now() - startedAt;
  const bytes = ((await heap()) - before) / count;
  await client.close();
  return {
    fault: `a submitter that waits for ${number(count)} results`,
    target: '≤ 1,000 bytes each',
    found: `${number(bytes)} bytes each; all in the store after ${(ms / 1_000).toFixed(1)} s`,
    isReached: bytes <= 1_000,
  };
}

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await setTimeout(50);
  }
  return process.memoryUsage().heapUsed;
}
