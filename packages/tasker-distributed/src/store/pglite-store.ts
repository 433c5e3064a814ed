import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { runMigrations } from 'bullmq';
import { messageOf } from '../basics/message-of.ts';
import { invalid } from '../basics/option-rules.ts';
import { byStoreClock } from './by-store-clock.ts';
import { FolderLock } from './folder-lock.ts';
import { PglitePool } from './pglite-pool.ts';
import { SCHEMA, postgresFactory } from './postgres-store.ts';
import { StoreClock } from './store-clock.ts';
import { LocalWorkers } from './store.ts';
import type { Store } from './store.ts';

export const MEMORY = '//memory';

/** An open database, for all in this process that name the same place. */
class Shared {
  readonly #opening: Promise<Opened>;
  readonly #forget: () => void;
  #users = 0;
  #closing: Promise<void> | undefined;

  constructor(opening: Promise<Opened>, forget: () => void) {
    this.#opening = opening;
    this.#forget = forget;
  }

  /** Settles when it is closed, if somebody has begun to; whoever opens the place then has to wait. */
  get closing(): Promise<void> | undefined {
    return this.#closing;
  }

  async use(): Promise<Store> {
    this.#users++;
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      await this.#leave();
    };
    try {
      const { pool, workers, clock } = await this.#opening;
      const factory = byStoreClock(postgresFactory, clock);
      return { factory, connection: pool, localWorkers: workers, clock, close };
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  /** The last one closes it. */
  async #leave(): Promise<void> {
    if (--this.#users > 0) return;
    const end = this.#close();
    this.#closing = end.catch(() => {}); // who closes hears of it
    await end;
  }

  async #close(): Promise<void> {
    const { db, lock } = await this.#opening;
    try {
      await db.close();
    } finally {
      await lock?.release();
      this.#forget();
    }
  }
}

interface Opened {
  readonly db: PGlite;
  readonly pool: PglitePool;
  readonly workers: LocalWorkers;
  readonly clock: StoreClock;
  readonly lock: FolderLock | undefined;
}

/** In the global registry: with two copies of the package it is still one process. */
const REGISTRY: unique symbol = Symbol.for('tasker-distributed.pglite') as never;
const shared = ((globalThis as { [REGISTRY]?: Map<string, Shared> })[REGISTRY] ??= new Map<string, Shared>());

/** PostgreSQL in this process, on a folder or in memory. The memory lives until the last that has it open closes it. */
export async function openPglite(path: string): Promise<Store> {
  const place = path === MEMORY ? MEMORY : resolve(path);
  let store = shared.get(place);
  while (store?.closing !== undefined) {
    await store.closing;
    store = shared.get(place);
  }
  if (store === undefined) {
    const made: Shared = new Shared(open(place), () => {
      if (shared.get(place) === made) shared.delete(place);
    });
    store = made;
    shared.set(place, store);
  }
  return store.use();
}

async function open(place: string): Promise<Opened> {
  const { PGlite } = await import('@electric-sql/pglite');
  let lock: FolderLock | undefined;
  if (place !== MEMORY) {
    await makeFolder(place);
    lock = await FolderLock.acquire(place);
  }
  try {
    const db = await PGlite.create(place === MEMORY ? 'memory://' : place);
    const pool = new PglitePool(db);
    await runMigrations(await pool.connect(), SCHEMA);
    await db.exec(`set search_path to ${SCHEMA}`);
    return { db, pool, workers: new LocalWorkers(), clock: StoreClock.own(), lock };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** Also what is there already must be a folder: PGlite would say so after seconds, without a word of where. */
async function makeFolder(place: string): Promise<void> {
  try {
    await mkdir(place, { recursive: true });
  } catch (error) {
    const url = JSON.stringify(`pglite:${place}`);
    throw invalid(`url must name a folder, or one that can be made, got ${url}: ${messageOf(error)}`, error);
  }
}
