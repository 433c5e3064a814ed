import { INTERVAL, TEXT, integerBetween, invalid, readOptions } from '../basics/option-rules.ts';
import type { Rule } from '../basics/option-rules.ts';
import { FALSE } from '../basics/option-rules.ts';
import { wholeMs } from '../basics/whole-ms.ts';
import { MAX_PRIORITY } from '../engine/engine.ts';
import type { EngineSchedule } from '../engine/engine.ts';
import { payloadOf } from './submit-options.ts';
import type { SubmitOptions } from './submit-options.ts';

/** When a task is queued by itself: `cron` or `every`. */
export interface Schedule extends Pick<SubmitOptions, 'priority' | 'timeout' | 'retry'> {
  /** Five fields, or six with seconds first: `0 3 * * *` is every day at three. */
  cron?: string | undefined;
  /** That of `cron`, as in `Europe/Berlin`. Default: that of the process that schedules. */
  timeZone?: string | undefined;
  /** Milliseconds. */
  every?: number | undefined;
}

const RULES: Record<keyof Schedule, Rule> = {
  cron: TEXT,
  timeZone: TEXT,
  every: INTERVAL,
  priority: integerBetween(-MAX_PRIORITY, MAX_PRIORITY),
  timeout: INTERVAL,
  retry: FALSE,
};

/** A schedule for the engine. Throws `INVALID_CONFIG`. */
export function readSchedule(name: string, input: unknown, schedule: Schedule): EngineSchedule {
  const { cron, timeZone, every, priority = 0, ...others } = readOptions<Schedule>(schedule, RULES);
  if ((cron === undefined) === (every === undefined)) throw invalid('a schedule must have either cron or every');
  if (cron === undefined && timeZone !== undefined) throw invalid('timeZone is for cron');
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const when = every === undefined ? { cron: cron ?? '', timeZone: checkZone(zone) } : { every: wholeMs(every) };
  return { name, payload: payloadOf(input, others), priority, when };
}

function checkZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch (error) {
    throw invalid(`timeZone must be one that is known, got ${JSON.stringify(timeZone)}`, error);
  }
}
