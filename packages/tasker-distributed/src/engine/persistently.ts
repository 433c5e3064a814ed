import { setTimeout as sleep } from 'node:timers/promises';
import { DistributedError } from '../basics/distributed-error.ts';
import { untilAbort } from '../basics/until-abort.ts';
import { within } from '../basics/within.ts';
import { isUnreachable } from '../store/patient-pool.ts';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1_000;
/** The longest that a timer of Node can wait. */
const MAX_TIMER = 2_147_483_647;

/**
 * Does what may be done twice, again and again while the store is away, for `ms` at most; then rejects with `STORE_UNREACHABLE`. It may have been done
 * all the same. When `signal` aborts it rejects with that reason, and nothing of it goes on.
 */
export async function persistently<T>(ms: number, operation: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let lastError: unknown;
  let isLate = false;
  const attempts = async (): Promise<T> => {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await operation();
      } catch (error) {
        if (!isUnreachable(error) || isLate || signal.aborted) throw error;
        lastError = error;
        await sleep(pause, undefined, { signal });
      }
    }
  };
  const late = (): DistributedError => {
    isLate = true;
    const message = `the store has not answered for ${ms} ms: it may have been done, or not`;
    return new DistributedError('STORE_UNREACHABLE', message, { cause: lastError });
  };
  const result = attempts();
  result.catch(() => {}); // it may fail after nobody waits any more
  return within(
    Math.min(ms, MAX_TIMER),
    untilAbort(signal, result, () => {}),
    late,
  );
}
