import { BuiltInCollector } from '../metrics/collector.ts';
import type { MetricsCollector, TaskMetrics } from '../metrics/collector.ts';
import type { WorkerKind } from '../primitives/task-info.ts';
import type { DestroyReason, ResourceLog } from '../resources/resource.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { ErrorSource } from './events.ts';
import type { Reporter } from './reporter.ts';
import type { ShutdownTally } from './shutdown-report.ts';

/**
 * The books: every accepted task is entered once and struck out once, whatever happens to it. Here, and only here, its
 * promise is settled, its metrics recorded and its events emitted; the event comes before the collector is told, since a
 * collector is not ours and may set off further events.
 *
 * Invariant: `open` = tasks and leases accepted and not settled; `running` tasks run and `leases` are held.
 */
export class Ledger<R> implements ResourceLog {
  open = 0;
  running = 0;
  /** Leases held; they are in no metric and have no events of tasks. */
  leases = 0;
  /** Functions that run on although their task is settled. */
  quarantined = 0;
  /** Counts of a shutdown; undefined before one. */
  tally: ShutdownTally | undefined = undefined;
  /** Called whenever the last open task or quarantined function has ended. */
  onQuiet: () => void = () => {};
  #cancelled = 0;
  #resourcesCreated = 0;
  #resourcesDestroyed = 0;
  #createFailures = 0;
  readonly #collector: MetricsCollector;
  /** Set if the collector is the built-in one on the manager's own clock: it needs neither info nor copies. */
  readonly #builtIn: BuiltInCollector | undefined;
  readonly #reporter: Reporter;

  constructor(collector: MetricsCollector, isOwn: boolean, reporter: Reporter) {
    this.#collector = collector;
    this.#builtIn = isOwn && collector instanceof BuiltInCollector ? collector : undefined;
    this.#reporter = reporter;
  }

  get isQuiet(): boolean {
    return this.open === 0 && this.quarantined === 0;
  }

  accepted(task: TaskRecord<R>): void {
    this.open++;
    if (task.kind === 'lease') return;
    const { events } = this.#reporter;
    if (events.has('queued')) events.emit('queued', { task: task.info() });
    if (this.#builtIn !== undefined) this.#builtIn.arrivedAt(task.queuedAt);
    else this.#record((collector) => collector.recordArrival(task.info())); // last: it may settle the task
  }

  started(task: TaskRecord<R>): void {
    if (task.kind === 'lease') {
      this.leases++;
      return;
    }
    this.running++;
    const { events } = this.#reporter;
    if (events.has('started')) events.emit('started', { task: task.info() });
  }

  /** Its run has ended and it waits again, at first for `delay` ms. */
  retried(task: TaskRecord<R>, error: unknown, delay: number): void {
    this.running--;
    const { events } = this.#reporter;
    if (events.has('retried')) events.emit('retried', { task: task.info(), error, delay });
    if (this.#builtIn !== undefined) this.#builtIn.recordRetry();
    else this.#record((collector) => collector.recordRetry(task.info())); // last: it may settle the task
  }

  completed(task: TaskRecord<R>, value: unknown, now: number): void {
    this.#strike(task, 'completed', now);
    if (task.kind !== 'lease') {
      if (this.tally !== undefined) this.tally.completed++;
      const { events } = this.#reporter;
      if (events.has('completed')) events.emit('completed', { task: task.info() });
      if (this.#builtIn !== undefined) this.#builtIn.completedAt(task, now);
      else this.#record((collector) => collector.recordCompletion(stamps(task), task.info()));
    }
    task.resolve(value);
    if (this.isQuiet) this.#quiet();
  }

  failed(task: TaskRecord<R>, error: unknown, now: number): void {
    this.#strike(task, 'failed', now);
    if (task.kind !== 'lease') {
      if (this.tally !== undefined) this.tally.failed++;
      const { events } = this.#reporter;
      if (events.has('failed')) events.emit('failed', { task: task.info(), error });
      if (this.#builtIn !== undefined) this.#builtIn.recordFailure();
      else this.#record((collector) => collector.recordFailure(stamps(task), task.info()));
    }
    task.reject(error);
    if (this.isQuiet) this.#quiet();
  }

  /** Cancelled by its caller or killed. */
  cancelled(task: TaskRecord<R>, reason: unknown, now: number): void {
    this.#strike(task, 'cancelled', now);
    if (task.kind !== 'lease') {
      this.#cancelled++;
      const { events } = this.#reporter;
      if (events.has('cancelled')) events.emit('cancelled', { task: task.info(), reason });
    }
    task.reject(reason);
    if (this.isQuiet) this.#quiet();
  }

  /** Pushed out of the queue by a newcomer, which enters next: the manager does not fall idle between. */
  dropped(task: TaskRecord<R>, error: unknown, now: number): void {
    this.#strike(task, 'cancelled', now);
    if (task.kind !== 'lease') this.#cancelled++;
    this.refused(task, error);
  }

  /** Not accepted, because the queue is full: it never arrived. */
  refused(task: TaskRecord<R>, error: unknown): void {
    const { events } = this.#reporter;
    if (task.kind !== 'lease' && events.has('dropped')) {
      events.emit('dropped', { task: task.info('cancelled'), error });
    }
    task.reject(error);
  }

  /** A run takes longer than `stuckAfter`. */
  stuck(task: TaskRecord<R>): void {
    const stack = task.extras?.stack;
    this.#reporter.events.emit('stuck', { task: task.info(), ...(stack !== undefined && { stack }) });
    this.#reporter.log('warn', `task ${task.id} is stuck`);
  }

  /** The function of a settled task runs on. */
  quarantineBegan(): void {
    this.quarantined++;
  }

  quarantineEnded(): void {
    this.quarantined--;
    if (this.isQuiet) this.#quiet();
  }

  /** The function of a settled task was given up. */
  abandoned(task: TaskRecord<R>): void {
    this.tally?.abandoned.push(task.info());
    const { events } = this.#reporter;
    if (events.has('abandoned')) events.emit('abandoned', { task: task.info() });
  }

  created(kind: WorkerKind): void {
    this.#resourcesCreated++;
    this.#reporter.events.emit('resourceCreated', { kind });
    this.#reporter.log('debug', `a resource was created (${kind})`);
  }

  destroyed(kind: WorkerKind, reason: DestroyReason): void {
    this.#resourcesDestroyed++;
    this.#reporter.events.emit('resourceDestroyed', { kind, reason });
    this.#reporter.log('debug', `a resource was destroyed (${kind}, ${reason})`);
  }

  createFailed(kind: WorkerKind, error: unknown): void {
    this.#createFailures++;
    this.#reporter.events.emit('createFailed', { kind, error });
    this.#reporter.log('warn', `a resource could not be created (${kind})`, error);
  }

  hookFailed(hook: ErrorSource, error: unknown): void {
    this.#reporter.failed(hook, error);
  }

  /** The collector's metrics, and what only the manager knows. */
  metrics(serviceTimeInflation: number): TaskMetrics {
    return {
      ...this.#reporter.guarded('collector', () => this.#collector.metrics(), NO_METRICS),
      totalTasksCancelled: this.#cancelled,
      totalResourcesCreated: this.#resourcesCreated,
      totalResourcesDestroyed: this.#resourcesDestroyed,
      totalCreateFailures: this.#createFailures,
      serviceTimeInflation,
    };
  }

  #strike(task: TaskRecord<R>, state: 'completed' | 'failed' | 'cancelled', now: number): void {
    if (task.state === 'running') {
      if (task.kind === 'lease') this.leases--;
      else this.running--;
    }
    task.settle(state, now);
    this.open--;
  }

  #record(call: (collector: MetricsCollector) => void): void {
    this.#reporter.guarded('collector', () => call(this.#collector), undefined);
  }

  #quiet(): void {
    this.#reporter.events.emit('idle', {});
    this.onQuiet();
  }
}

/** A copy for a collector that is not ours; a task that never ran has waited to its end. */
function stamps<R>(task: TaskRecord<R>): { queuedAt: number; startedAt: number; finishedAt: number } {
  const { queuedAt, startedAt, finishedAt } = task;
  return { queuedAt, startedAt: startedAt < 0 ? finishedAt : startedAt, finishedAt };
}

/** What is shown for a collector whose `metrics()` throws. */
const NO_METRICS: TaskMetrics = new BuiltInCollector(1, {
  now: () => 0,
  setTimeout: () => 0,
  clearTimeout: () => {},
}).metrics();
