import { TaskerError } from 'tasker';

/** Until when a task may begin and must have ended, in ms since 1970 by the clock of the store; JSON. */
export interface Limits {
  readonly startBy?: number;
  /** Of which `startBy` comes, for people. */
  readonly queueTimeout?: number;
  readonly endBy?: number;
}

/** A task of which limits are asked. */
export interface Limited {
  readonly id: string;
  readonly name: string;
  readonly limits: Limits;
}

/** The last that a `Date` can tell. */
const LAST_DATE = 8_640_000_000_000_000;

/** `now` is when it is submitted, by the clock of the store. The wait begins when a `delay` is over. */
export function limitsOf(
  { queueTimeout = Infinity, deadline = Infinity, delay = 0 }: LimitOptions,
  now: number,
): Limits {
  const endBy = now + (typeof deadline === 'number' ? deadline : deadline.getTime() - Date.now());
  return {
    ...(queueTimeout === Infinity ? {} : { startBy: now + delay + queueTimeout, queueTimeout }),
    ...(endBy > LAST_DATE ? {} : { endBy }),
  };
}

/** Those among other things, of which nothing is kept. */
export function limitsIn({ startBy, queueTimeout, endBy }: Limits): Limits {
  return {
    ...(startBy === undefined ? {} : { startBy }),
    ...(queueTimeout === undefined ? {} : { queueTimeout }),
    ...(endBy === undefined ? {} : { endBy }),
  };
}

interface LimitOptions {
  readonly queueTimeout?: number;
  readonly deadline?: number | Date;
  readonly delay?: number;
}

/** The error of a task that has not begun and must not any more; undefined if it may. */
export function tooLateToBegin(task: Limited, now: number): TaskerError | undefined {
  const { startBy = Infinity } = task.limits;
  return tooLateToGoOn(task, now) ?? (now >= startBy ? queueTimeoutError(task) : undefined);
}

/** The error of a task that must have ended; undefined if it may go on. */
export function tooLateToGoOn(task: Limited, now: number): TaskerError | undefined {
  const { endBy = Infinity } = task.limits;
  return now >= endBy ? deadlineError(task) : undefined;
}

export function queueTimeoutError({ id, name, limits: { queueTimeout = 0 } }: Limited): TaskerError {
  const message = `task ${id} ${JSON.stringify(name)} waited longer than its queueTimeout, ${queueTimeout} ms`;
  return new TaskerError('QUEUE_TIMEOUT', message);
}

export function deadlineError({ id, name, limits: { endBy = 0 } }: Limited, cause?: unknown): TaskerError {
  const message = `task ${id} ${JSON.stringify(name)} passed its deadline, ${new Date(endBy).toISOString()}`;
  return new TaskerError('DEADLINE', message, cause === undefined ? {} : { cause });
}
