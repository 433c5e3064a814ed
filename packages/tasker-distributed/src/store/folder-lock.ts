import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { DistributedError } from '../basics/distributed-error.ts';
import { processStart } from './process-start.ts';

/** Who holds a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process began, as the system says it: a number of a process is given again, in a container soon. */
  readonly start?: string | undefined;
  /** The same as it knows it itself, in ms since 1970, for where the system says nothing. */
  readonly startedAt: number;
}

/** Milliseconds before another look, while somebody else takes a file away. */
const PAUSE = 10;
/** The two readings of the clock by which a process knows its start differ by less. */
const SAME_START = 2_000;

/**
 * A file beside a folder that says which process has it open. PGlite itself does not look: with two at once what is written gets lost
 * without a word.
 */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Rejects with `STORE_IN_USE` if a process that lives has it. */
  static async acquire(folder: string): Promise<FolderLock> {
    const path = `${folder}.lock`;
    const mine = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    await writeFile(mine, JSON.stringify(await self()));
    try {
      // A link is made by one of those who try, and has its whole text from the start.
      while (!(await isLinked(mine, path))) {
        const holder = await readHolder(path);
        if (holder === 'gone') continue; // just given up
        if (holder !== undefined && (await isAlive(holder))) throw inUse(folder, holder, path);
        await removeStale(path, mine);
      }
    } finally {
      await rm(mine, { force: true });
    }
    return new FolderLock(path);
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function self(): Promise<Holder> {
  const start = await processStart(process.pid);
  return { pid: process.pid, host: hostname(), start, startedAt: startedAt() };
}

function startedAt(): number {
  return Math.round(Date.now() - process.uptime() * 1000);
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Takes the file of a dead holder away. One at a time does, and looks again: what it takes may be somebody's who lives otherwise. */
async function removeStale(path: string, mine: string): Promise<void> {
  const turn = `${path}.turn`;
  if (!(await isLinked(mine, turn))) {
    // Another one is about to; should it have died over it, the next look finds no turn.
    const other = await readHolder(turn);
    if (other !== 'gone' && !(await isAlive(other))) await rm(turn, { force: true });
    await setTimeout(PAUSE);
    return;
  }
  try {
    const holder = await readHolder(path);
    if (holder !== 'gone' && !(await isAlive(holder))) await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

/** Undefined if the file makes no sense. */
async function readHolder(path: string): Promise<Holder | undefined | 'gone'> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return 'gone';
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder | undefined): Promise<boolean> {
  if (holder === undefined) return false;
  if (holder.host !== hostname()) return true; // nobody here can tell
  if (!isRunning(holder.pid)) return false;
  const start = await processStart(holder.pid);
  if (start !== undefined && holder.start !== undefined) return start === holder.start;
  // Another thread, or one before us with our number.
  return holder.pid !== process.pid || Math.abs(holder.startedAt - startedAt()) < SAME_START;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(folder: string, { pid, host }: Holder, path: string): DistributedError {
  const who = `process ${pid}${host === hostname() ? '' : ` of ${host}`}`;
  const advice = 'use redis:// or postgres:// for several processes';
  const removal = `if it runs no more, remove ${path}`;
  return new DistributedError('STORE_IN_USE', `${folder} is open in ${who}: ${advice}; ${removal}`);
}
