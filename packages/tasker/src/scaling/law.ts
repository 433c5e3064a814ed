import type { ScaleInput, ScaleReason } from './scaler.ts';

/** A number of workers and why. */
export interface Wanted {
  readonly workers: number;
  readonly reason: ScaleReason;
}

/** How many tasks run in one worker at a time, and how long a task may wait: `targetWait` in ms. */
export interface LawOptions {
  readonly targetWait: number;
  readonly tasksPerWorker: number;
}

/**
 * The default law. With W = max(targetWait, creation time), the time after which help is there anyway:
 *
 *   wanted = min(running + queued, ceil(arrivals/s × s/task + queued × s/task ÷ W))
 *
 * The first term keeps up with the load (Little's law), the second drains the queue within W. With `targetWait: 0`
 * every waiting task gets a worker. Where the longest waiting task has waited longer than W and nobody is being started,
 * the estimate is evidently wrong and the number grows by half.
 */
export function defaultLaw(input: ScaleInput, options: LawOptions): Wanted {
  const { queued, running, arrivalRate, serviceTime, creationTime, oldestWait, starting, workers } = input;
  const places = options.tasksPerWorker;
  const demand = Math.ceil((running + queued) / places);
  if (options.targetWait === 0) return { workers: demand, reason: 'backlog' };
  const longest = patience(options.targetWait, creationTime);
  const rate = (arrivalRate * serviceTime) / 1000 / places;
  const backlog = (queued * serviceTime) / longest / places;
  const wanted = Math.min(demand, Math.ceil(rate + backlog - 1e-9));
  if (queued > 0 && starting === 0 && oldestWait > longest) {
    const more = Math.min(demand, workers + Math.ceil(workers / 2));
    if (more > wanted) return { workers: more, reason: 'starved' };
  }
  return { workers: wanted, reason: rate >= backlog ? 'rate' : 'backlog' };
}

/** How long a task may wait: until help that is called now would be there, but not less than `targetWait`; ms. */
export function patience(targetWait: number, creationTime: number): number {
  return Math.max(targetWait, creationTime);
}
