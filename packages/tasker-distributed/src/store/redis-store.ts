import { createRedisBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { DistributedError, isDistributedError } from '../basics/distributed-error.ts';
import { invalid } from '../basics/option-rules.ts';
import { messageOf } from '../basics/message-of.ts';
import { within } from '../basics/within.ts';
import { byStoreClock } from './by-store-clock.ts';
import { importDriver } from './import-driver.ts';
import { notLetIn, placeOf } from './not-let-in.ts';
import { StoreClock } from './store-clock.ts';
import type { Store } from './store.ts';
import { ANSWER_TIMEOUT, CONNECT_TIMEOUT, KEEP_ALIVE } from './timeouts.ts';

/** Longest pause between two attempts to connect again. */
const MAX_RECONNECT_DELAY = 2_000;

const NAME = 'Redis';
/** Nobody is there, as a connection is refused or the host has no address: told at once, as by PostgreSQL. */
const ABSENT = /^(?:ECONNREFUSED|ENOTFOUND)$/;
/** What Redis says to those whom it will not let in however often they ask. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password|ERR DB index)/;

/** Redis, or what speaks like it. One connection for commands; BullMQ makes further ones for what blocks. */
export async function openRedis(url: URL): Promise<Store> {
  if (!/^\/?\d*$/.test(url.pathname)) throw invalid('the path of a redis:// url is the number of a database');
  const { Redis } = await importDriver('ioredis', 'redis', () => import('ioredis'));
  let isClosed = false;
  const redis = new Redis(url.href, {
    // What a lost connection interrupts is sent again, for as long as it takes: who waits for it has a limit of its own.
    maxRetriesPerRequest: null,
    // Also of the connections that BullMQ makes of this one, which would hold the process where Redis stays away.
    retryStrategy: (times) => (isClosed ? null : Math.min(50 * 2 ** times, MAX_RECONNECT_DELAY)),
    // It has become a replica: another one has its address now, or soon.
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
    lazyConnect: true,
    keepAlive: KEEP_ALIVE,
    socketTimeout: ANSWER_TIMEOUT,
  });
  try {
    await ready(redis, url);
    const { db = 0 } = redis.options;
    if (db > 0) await redis.select(db); // else one that does not exist is 0, without a word
    const clock = await StoreClock.of(async () => {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    });
    return {
      factory: byStoreClock(createRedisBackend as Store['factory'], clock),
      connection: redis,
      clock,
      close: async () => {
        isClosed = true;
        clock.stop();
        redis.disconnect();
      },
    };
  } catch (error) {
    redis.disconnect();
    if (isDistributedError(error)) throw error;
    throw notLetIn(NAME, url, error);
  }
}

/** Rejects after a while, and at once if Redis refuses: it goes on trying by itself. */
async function ready(redis: Redis, url: URL): Promise<void> {
  let lastError: unknown;
  const isReady = new Promise<void>((resolve, reject) => {
    redis.once('ready', () => resolve());
    const failed = (error: unknown): void => {
      lastError = error;
      if (ABSENT.test(codeOf(error)) || REFUSED.test(messageOf(error))) reject(notLetIn(NAME, url, error));
    };
    redis.on('error', failed);
    redis.connect().catch(failed);
  });
  await within(CONNECT_TIMEOUT, isReady, () => {
    const why = lastError === undefined ? '' : `: ${messageOf(lastError)}`;
    const message = `Redis at ${placeOf(url)} did not answer for ${CONNECT_TIMEOUT} ms${why}`;
    return new DistributedError('STORE_UNREACHABLE', message, { cause: lastError });
  });
}

function codeOf(error: unknown): string {
  return String((error as Partial<NodeJS.ErrnoException>).code);
}
