import { availableParallelism } from 'node:os';
import { createTaskManager, isTaskerError } from 'tasker';
import type { TaskManager, TaskMetrics, TaskStats } from 'tasker';
import { threads } from 'tasker/threads';
import type { Thread } from 'tasker/threads';
import type * as compressor from './compressor.mjs';
import type { Sizes } from './compressor.mjs';
import type { InstalledPackage } from './packages.ts';

export interface Measured extends Sizes {
  readonly package: InstalledPackage;
}

export interface Failure {
  readonly package: InstalledPackage;
  readonly error: unknown;
}

/** What is known of the packages, more and more of it. */
export interface Findings {
  readonly total: number;
  readonly measured: Measured[];
  readonly failures: Failure[];
}

/** Longest time for one package; the largest known take some seconds. */
const TIMEOUT = 120_000;

/** A thread with a warm compressor. */
type Compressor = Thread<typeof compressor>;

/** Starts the task manager: one thread at first, up to one per core under load, and one more for who asks. */
export function createSurveyors(): Promise<TaskManager<Compressor>> {
  return createTaskManager<Compressor>({
    name: 'package-sizes',
    // A file that cannot be read says nothing against the thread: the package fails. A thread that died is replaced, and
    // the package is measured by another one.
    ...threads<typeof compressor>(new URL('compressor.mjs', import.meta.url), { execArgv: [] }),
    workerCount: 1,
    maxWorkerCount: Math.max(2, availableParallelism()),
    resourcePoolSize: 1,
    timeout: TIMEOUT,
  });
}

/** Measures packages. One survey per task manager. */
export class Survey {
  readonly findings: Findings;
  readonly #manager: TaskManager<Compressor>;
  readonly #packages: readonly InstalledPackage[];
  /** Packages that have not been begun, and what takes them out of the queue. */
  readonly #waiting = new Map<InstalledPackage, AbortController>();

  /** Aborting `interruption` leaves out the packages that have not been begun. */
  constructor(manager: TaskManager<Compressor>, packages: readonly InstalledPackage[], interruption: AbortSignal) {
    this.#manager = manager;
    this.#packages = interruption.aborted ? [] : packages;
    interruption.addEventListener('abort', () => {
      for (const controller of this.#waiting.values()) controller.abort();
    });
    this.findings = { total: packages.length, measured: [], failures: [] };
  }

  get stats(): TaskStats {
    return this.#manager.stats();
  }

  get metrics(): TaskMetrics {
    return this.#manager.metrics();
  }

  /** Measures every package, and never rejects: what goes wrong is among the findings. */
  async run(): Promise<void> {
    await Promise.all(this.#packages.map((item) => this.#add(item)));
  }

  /** Measures one package at once, past the queue, and takes it out of the queue if it is still there. */
  async ask(item: InstalledPackage): Promise<Measured> {
    const sizes = await this.#manager.runTask((thread, { signal }) => measure(thread, item, signal), {
      name: item.path,
    });
    const measured = { package: item, ...sizes };
    const waiting = this.#waiting.get(item);
    if (waiting !== undefined) {
      waiting.abort();
      this.findings.measured.push(measured);
    }
    return measured;
  }

  async #add(item: InstalledPackage): Promise<void> {
    const waiting = new AbortController();
    this.#waiting.set(item, waiting);
    try {
      const sizes = await this.#manager.queueTask(
        (thread, { signal }) => {
          this.#waiting.delete(item);
          return measure(thread, item, signal);
        },
        { name: item.path, priority: priorityOf(item), signal: waiting.signal },
      );
      this.findings.measured.push({ package: item, ...sizes });
    } catch (error) {
      if (!waiting.signal.aborted) this.findings.failures.push({ package: item, error });
    }
  }
}

function measure(thread: Compressor, { folder, files }: InstalledPackage, signal: AbortSignal): Promise<Sizes> {
  return thread.call('measure', [folder, files], { signal });
}

/** Small packages first, so that most results come early: one priority higher for each halving of the size. */
function priorityOf(item: InstalledPackage): number {
  return -Math.ceil(Math.log2(item.bytes + 1));
}

/** Why a package failed, in one line. */
export function explain(error: unknown): string {
  const cause = isTaskerError(error, 'RETRIES_EXHAUSTED') ? error.cause : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return cause instanceof Error ? `${cause.message} (${message})` : message;
}
