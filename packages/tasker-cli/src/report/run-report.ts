import type { Result } from '../output/read-results.ts';
import { Durations } from './durations.ts';
import type { Bucket } from './durations.ts';
import { EndCounter } from './ends.ts';
import type { Ends } from './ends.ts';
import type { Errors } from '../tally/error-groups.ts';
import { lengthOf, pausesOf } from './pauses.ts';
import type { Pause } from './pauses.ts';
import type { SlowItem } from '../tally/slowest.ts';
import { Tally } from '../tally/tally.ts';
import { Times } from './times.ts';
import type { TimesSummary } from './times.ts';

/** When the items ran, as far as their lines tell. Times are milliseconds, instants since 1970. */
export interface Period {
  readonly beganAt: number;
  readonly endedAt: number;
  /** Long times in which nothing ended. */
  readonly pauses: readonly Pause[];
  /** From begin to end without the pauses. */
  readonly activeMs: number;
  /** Undefined if it all was in one instant. */
  readonly perSecond: number | undefined;
  readonly ends: Ends;
}

/** What the results of a run come to: all that a view of it shows. */
export interface RunReport {
  readonly items: number;
  readonly ok: number;
  readonly failed: number;
  /** Items that were run more than once. */
  readonly retried: number;
  /** Runs of all items. */
  readonly runs: number;
  /** The number of the last line if it is not complete; it is passed over. */
  readonly halfLine: number | undefined;
  /** Undefined if no line tells when its item ended. */
  readonly period: Period | undefined;
  /** Lines that do not tell. */
  readonly untimed: number;
  /** How long the last run of each item took; items that never ran are not in it. */
  readonly runTimes: TimesSummary | undefined;
  readonly waitTimes: TimesSummary | undefined;
  readonly durations: readonly Bucket[];
  readonly errors: Errors;
  readonly slowest: readonly SlowItem[];
}

/** Whether the time of its run is known: of one that an earlier process had begun it is not. */
function hasRun({ attempts = 1, error }: Result): boolean {
  return attempts > 0 && error?.code !== 'OUTCOME_UNKNOWN';
}

/** Makes a report of results, one after another, in constant memory. */
export class ReportBuilder {
  #items = 0;
  #ok = 0;
  #retried = 0;
  #runs = 0;
  #halfLine: number | undefined;
  #timed = 0;
  #beganAt = Infinity;
  #endedAt = -Infinity;
  readonly #runTimes = new Times();
  readonly #waitTimes = new Times();
  readonly #durations = new Durations();
  readonly #ends = new EndCounter();
  readonly #tally = new Tally();

  add(result: Result): void {
    const { index, input, ok, error = {}, attempts = 1, waitMs, runMs, finishedAt } = result;
    this.#items++;
    if (ok) this.#ok++;
    this.#runs += attempts;
    if (attempts > 1) this.#retried++;
    if (waitMs !== undefined) this.#waitTimes.add(waitMs);
    const knownMs = hasRun(result) ? runMs : undefined;
    this.#tally.add({ index, input, error: ok ? undefined : error }, knownMs);
    if (knownMs !== undefined) {
      this.#runTimes.add(knownMs);
      this.#durations.add(knownMs);
    }
    if (finishedAt !== undefined) {
      this.#timed++;
      this.#ends.add(finishedAt, ok);
      this.#beganAt = Math.min(this.#beganAt, finishedAt - (runMs ?? 0));
      this.#endedAt = Math.max(this.#endedAt, finishedAt);
    }
  }

  /** Takes note of a last line that is not complete. */
  addHalf(line: number): void {
    this.#halfLine = line;
  }

  report(): RunReport {
    const runTimes = this.#runTimes.summary();
    return {
      items: this.#items,
      ok: this.#ok,
      failed: this.#items - this.#ok,
      retried: this.#retried,
      runs: this.#runs,
      halfLine: this.#halfLine,
      period: this.#timed === 0 ? undefined : this.#period(runTimes?.max ?? 0),
      untimed: this.#items - this.#timed,
      runTimes,
      waitTimes: this.#waitTimes.summary(),
      durations: this.#durations.buckets(),
      errors: this.#tally.errors.errors(),
      slowest: this.#tally.slowest.items,
    };
  }

  #period(longestRun: number): Period {
    const ends = this.#ends.ends(this.#beganAt);
    const pauses = pausesOf(ends, longestRun);
    const activeMs = pauses.reduce((ms, pause) => ms - lengthOf(pause), this.#endedAt - this.#beganAt);
    return {
      beganAt: this.#beganAt,
      endedAt: this.#endedAt,
      pauses,
      activeMs,
      perSecond: activeMs > 0 ? (this.#timed / activeMs) * 1_000 : undefined,
      ends,
    };
  }
}
