import type { TaskerEvents } from 'tasker';
import type { Sample } from '../basics/messages.ts';

/** Times of the completed tasks that were heard of since the last sample. */
export class RunTimes {
  #waits: number[] = [];
  #runs: number[] = [];

  add({ task: { queuedAt, startedAt }, finishedAt }: TaskerEvents['completed']): void {
    if (startedAt === undefined) return;
    this.#waits.push(startedAt - queuedAt);
    this.#runs.push(finishedAt - startedAt);
  }

  /** Their percentiles; begins anew. */
  take(): Pick<Sample, 'waitP50' | 'waitP95' | 'runP50' | 'runP95'> {
    const [waits, runs] = [this.#waits, this.#runs].map((times) => times.toSorted((a, b) => a - b));
    [this.#waits, this.#runs] = [[], []];
    return {
      waitP50: percentile(waits, 0.5),
      waitP95: percentile(waits, 0.95),
      runP50: percentile(runs, 0.5),
      runP95: percentile(runs, 0.95),
    };
  }
}

/** By nearest rank, to a µs. */
function percentile(sorted: readonly number[] = [], part: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 1_000) / 1_000;
}
