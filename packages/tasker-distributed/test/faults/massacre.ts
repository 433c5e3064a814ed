import { connect, isDistributedError } from '../../src/index.ts';
import { Random } from '../../../tasker/test/chaos/random.ts';
import type { Crew } from '../support/crew.ts';
import { namedTasks } from '../support/named-tasks.ts';
import type { Program } from '../support/program.ts';

const WORKERS = 3;
const PLACES = 4;
/** One task of so many may run once. */
const ONCE_EVERY = 10;

export interface MassacreOptions {
  readonly url: string;
  readonly seed: number;
  readonly tasks: number;
  readonly lock: number;
  readonly lockCheck: number;
  /** Resolves when the next worker is to be killed; the number of those killed and of tasks that have ended tell it when that is. */
  readonly next: (progress: Progress) => Promise<void>;
}

export interface Progress {
  readonly killed: number;
  readonly ended: number;
}

/** What became of the tasks. */
export interface MassacreReport {
  readonly killed: number;
  /** Tasks whose result is not what it should be, or that never ran. */
  readonly wrong: readonly string[];
  /** Of those that may run once. */
  readonly lost: number;
  readonly ranTwiceOnce: readonly string[];
  readonly ranAgain: number;
  readonly ms: number;
}

/** Sends tasks through three worker processes, one of which is killed and replaced now and then. */
export async function massacre(crew: Crew, options: MassacreOptions): Promise<MassacreReport> {
  const { url, seed, tasks, lock, lockCheck, next } = options;
  const random = new Random(seed);
  const progress = { killed: 0, ended: 0 };
  const startWorker = (): Promise<Program> => crew.worker(PLACES, lock, lockCheck);
  await using client = await connect(namedTasks, url, { name: crew.name });
  const workers = Array.from({ length: WORKERS }, startWorker);
  await Promise.all(workers);

  const startedAt = performance.now();
  const names = Array.from({ length: tasks }, (_, i) => `${i % ONCE_EVERY === 0 ? 'once' : 'task'}${i}`);
  const wrong: string[] = [];
  let lost = 0;
  const one = async (name: string): Promise<void> => {
    const isOnce = name.startsWith('once');
    try {
      const result = await (isOnce
        ? client.queueTaskOnce('quick', { text: name })
        : client.queueTask('quick', { text: name }));
      if (result !== name) wrong.push(`${name} → ${result}`);
    } catch (error) {
      if (isOnce && isDistributedError(error, 'ONCE_LOST')) lost++;
      else wrong.push(`${name} → ${String(error)}`);
    }
    progress.ended++;
  };
  const all = Promise.all(names.map(one)).then(() => true as const);
  for (let victim = 0; ;) {
    const isDone = await Promise.race([all, next(progress).then(() => false as const)]);
    if (isDone) break;
    victim = (victim + random.int(1, WORKERS - 1)) % WORKERS; // not the one that has just come
    await (await workers[victim])?.end();
    progress.killed++;
    workers[victim] = startWorker();
  }
  const ms = performance.now() - startedAt;
  await Promise.all(workers);

  const { begun } = crew.log;
  wrong.push(
    ...names.filter((name) => name.startsWith('task') && begun[name] === undefined).map((name) => `${name} never ran`),
  );
  const again = Object.keys(begun).filter((name) => (begun[name] ?? 0) > 1);
  return {
    killed: progress.killed,
    wrong,
    lost,
    ranTwiceOnce: again.filter((name) => name.startsWith('once')),
    ranAgain: again.length,
    ms,
  };
}
