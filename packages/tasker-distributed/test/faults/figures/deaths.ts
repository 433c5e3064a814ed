import { connect, defineTasks, isDistributedError } from '../../../src/index.ts';
import { Bench } from '../../support/bench.ts';
import { Crew } from '../../support/crew.ts';
import { namedTasks } from '../../support/named-tasks.ts';
import type { TestStore } from '../../support/stores.ts';
import { until } from '../../support/until.ts';
import { msOf, timed } from './figure.ts';
import type { Figure } from './figure.ts';

const FIVE = ['a', 'b', 'c', 'd', 'e'];

/** How long it takes until the tasks of a worker that is killed run again. */
export async function deathOfWorker(store: TestStore, lock: number, lockCheck: number, limit: number): Promise<Figure> {
  const crew = new Crew(store.url);
  try {
    await using client = await connect(namedTasks, store.url, { name: crew.name });
    const victim = await crew.worker(10, lock, lockCheck);
    const once = FIVE.map((text) =>
      client.queueTaskOnce('slow', { text: `once-${text}`, ms: 3_600_000 }).catch((e: unknown) => e),
    );
    for (const text of FIVE) client.queueTask('slow', { text, ms: 3_600_000 }).catch(() => {}); // nobody waits for them
    await until(() => Object.keys(crew.log.begun).length === 10, 'all to run');
    await crew.worker(10, lock, lockCheck);
    const ms = await msOf(async () => {
      await victim.end();
      await until(() => FIVE.every((text) => crew.log.begun[text] === 2), 'all to run again');
    });
    const lost = (await Promise.all(once)).filter((error) => isDistributedError(error, 'ONCE_LOST')).length;
    const begunAgain = FIVE.filter((text) => crew.log.begun[`once-${text}`] !== 1).length;
    const fault = `kill -9 of a worker with 5 running tasks, lock ${lock / 1_000} s, lockCheck ${lockCheck / 1_000} s`;
    return timed(fault, ms, limit, lost === 5 && begunAgain === 0, `of 5 once: ${lost} ONCE_LOST, ${begunAgain} again`);
  } finally {
    await crew.end();
  }
}

/** How long it takes after the return of a server that was killed under load until the first result comes. */
export async function deathOfServer(store: TestStore): Promise<Figure> {
  const count = 2_000;
  const ran = new Set<number>();
  const tasks = defineTasks()({ note: (_, n: number) => (ran.add(n), n) });
  const bench = new Bench(store.url);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  try {
    const client = await bench.client(tasks);
    await bench.worker(tasks, { workerCount: 4, maxWorkerCount: 4, logger });
    let ended = 0;
    const results = Array.from({ length: count }, (_, n) => client.queueTask('note', n).finally(() => ended++));
    await until(() => ended >= 100, 'some to have ended');
    await store.stop('SIGKILL');
    const before = ended;
    await store.start();
    const ms = await msOf(() => until(() => ended > before, 'the first result'));
    const settled = await Promise.allSettled(results);
    const wrong = settled.filter((one, n) => one.status === 'rejected' || one.value !== n).length;
    const fault = `kill -9 of the server under load, first of ${count.toLocaleString('en')} results after its return`;
    return timed(fault, ms, 6_000, wrong === 0, `${wrong} lost`);
  } finally {
    await bench.close();
  }
}
