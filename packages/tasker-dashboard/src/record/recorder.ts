import type { TaskMetrics } from 'tasker';
import type { NoteKind, Past, Sample } from '../basics/messages.ts';
import type { DashboardManager } from '../basics/shown-state.ts';
import { SampleHistory, columnsOf } from './history.ts';
import type { Heard } from './note.ts';
import { Notebook } from './notebook.ts';
import { RunTimes } from './run-times.ts';
import { Tap } from './tap.ts';

/**
 * How many events of each kind are heard between two samples. Those of a task that ends well are by far the most; of them a part tells
 * the percentiles.
 */
const HEARD: Record<NoteKind, number> = {
  completed: 250,
  failed: 250,
  cancelled: 100,
  dropped: 100,
  retried: 250,
  stuck: 100,
  abandoned: 100,
  scaled: 250,
  createFailed: 100,
  resourceDestroyed: 100,
  paused: 100,
  resumed: 100,
  stopped: 1,
};

/** Completed tasks that are noted between two samples. */
const COMPLETED_NOTES = 20;

/**
 * Remembers the recent past of one manager: samples of its counters, and what happened. Its memory and what it costs the manager are bounded,
 * whatever the manager does. It does not listen to `error`: a manager warns of errors that nobody listens to.
 */
export class Recorder {
  readonly #manager: DashboardManager;
  readonly #history: SampleHistory;
  readonly #notebook = new Notebook();
  readonly #times = new RunTimes();
  readonly #taps: readonly { refill(): void; close(): void }[];
  /** The sample before, and the counters then. */
  #before: { readonly at: number; readonly counters: Counters };
  #completedNotes = 0;
  /** What `news()` has not told. */
  #newSamples: Sample[] = [];
  #told = 0;

  constructor(manager: DashboardManager, historyLength: number, at: number) {
    this.#manager = manager;
    this.#history = new SampleHistory(historyLength);
    this.#before = { at, counters: countersOf(manager.metrics()) };
    const kinds = Object.keys(HEARD) as NoteKind[];
    this.#taps = kinds.map((kind) => {
      return new Tap(manager, kind, HEARD[kind], (payload) => {
        this.#hear({ kind, payload, at: Date.now(), now: manager.now() } as Heard);
      });
    });
  }

  /** Looks at the counters. To be called every few seconds. */
  sample(at: number): void {
    const { activeWorkers, runningTasks, queuedTasks, priorityTasks } = this.#manager.stats();
    const counters = countersOf(this.#manager.metrics());
    const seconds = Math.max(1, at - this.#before.at) / 1_000;
    const rate = (name: keyof Counters): number => {
      const difference = counters[name] - this.#before.counters[name];
      return difference > 0 ? Math.round((difference / seconds) * 100) / 100 : 0; // a collector of the user's may count anyhow
    };
    const sample: Sample = {
      at,
      arrivals: rate('arrivals'),
      completions: rate('completions'),
      failures: rate('failures'),
      retries: rate('retries'),
      ...this.#times.take(),
      workers: activeWorkers,
      running: runningTasks,
      queued: queuedTasks + priorityTasks,
    };
    this.#before = { at, counters };
    this.#history.add(sample);
    this.#newSamples.push(sample);
    if (this.#newSamples.length > 10) this.#newSamples.shift(); // nobody watches
    this.#completedNotes = 0;
    for (const tap of this.#taps) tap.refill();
  }

  /** All that is remembered. */
  past(): Past {
    return { history: this.#history.all(), notes: this.#notebook.since(0) };
  }

  /** What happened since the last call. */
  news(): Past {
    const news = { history: columnsOf(this.#newSamples), notes: this.#notebook.since(this.#told) };
    this.#newSamples = [];
    this.#told = this.#notebook.last;
    return news;
  }

  close(): void {
    for (const tap of this.#taps) tap.close();
  }

  #hear(heard: Heard): void {
    if (heard.kind === 'completed') {
      this.#times.add(heard.payload);
      if (++this.#completedNotes > COMPLETED_NOTES) return;
    }
    this.#notebook.write(heard);
  }
}

interface Counters {
  readonly arrivals: number;
  readonly completions: number;
  readonly failures: number;
  readonly retries: number;
}

const countersOf = (metrics: TaskMetrics): Counters => ({
  arrivals: metrics.totalTasksArrived,
  completions: metrics.totalTasksCompleted,
  failures: metrics.totalTasksFailed,
  retries: metrics.totalTasksRetried,
});
