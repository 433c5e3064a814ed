import { createRedisBackend } from 'bullmq';
import { DistributedError } from '../basics/distributed-error.ts';
import { within } from '../basics/within.ts';
import { byStoreClock } from './by-store-clock.ts';
import { importDriver } from './import-driver.ts';
import { StoreClock } from './store-clock.ts';
import type { Store } from './store.ts';
import { ANSWER_TIMEOUT, CONNECT_TIMEOUT, KEEP_ALIVE } from './timeouts.ts';

/** Longest pause between two attempts to connect again. */
const MAX_RECONNECT_DELAY = 2_000;

/** Redis, or what speaks like it. One connection for commands; BullMQ makes further ones for what blocks. */
export async function openRedis(url: string): Promise<Store> {
  const { Redis } = await importDriver('ioredis', 'redis', () => import('ioredis'));
  let lastError: unknown;
  const redis = new Redis(url, {
    // What a lost connection interrupts is sent again, for as long as it takes: who waits for it has a limit of its own.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(50 * 2 ** times, MAX_RECONNECT_DELAY),
    lazyConnect: true,
    keepAlive: KEEP_ALIVE,
    socketTimeout: ANSWER_TIMEOUT,
  });
  redis.on('error', (error) => (lastError = error));
  try {
    const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()));
    redis.connect().catch((error: unknown) => (lastError = error)); // it goes on trying
    await within(CONNECT_TIMEOUT, ready, () => {
      const why = lastError instanceof Error ? `: ${lastError.message}` : '';
      const message = `Redis did not answer for ${CONNECT_TIMEOUT} ms${why}`;
      return new DistributedError('STORE_UNREACHABLE', message, { cause: lastError });
    });
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const clock = await StoreClock.of(async () => {
    const [seconds, microseconds] = await redis.time();
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  });
  return {
    factory: byStoreClock(createRedisBackend as Store['factory'], clock),
    connection: redis,
    clock,
    close: async () => {
      clock.stop();
      redis.disconnect();
    },
  };
}
