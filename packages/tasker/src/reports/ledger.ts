import { describe } from '../primitives/check.ts';
import type { Clock } from '../primitives/clock.ts';
import type { Channel, Emitter } from '../primitives/emitter.ts';
import type { TaskInfo, WorkerKind } from '../primitives/task-info.ts';
import { ignoreRejection } from '../primitives/thenable.ts';
import { BuiltInCollector } from '../metrics/collector.ts';
import type { SelectiveCollector, TaskLifecycleTimestamps, TaskMetrics } from '../metrics/collector.ts';
import type { DestroyReason, ResourceLog } from '../resources/resource.ts';
import type { Interceptors } from '../tasks/interceptors.ts';
import type { TaskWatch } from '../tasks/task-watch.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { noun } from '../tasks/ties.ts';
import type { Wait } from '../tasks/ties.ts';
import type { ErrorSource, TaskerEvents } from './events.ts';
import type { ShutdownTally } from './events.ts';
import type { Reporter } from './reporter.ts';

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
  /** Undefined until there is one. */
  interceptors: Interceptors | undefined = undefined;
  /** Called whenever the last open task or quarantined function has ended. */
  onQuiet: () => void = () => {};
  /** Called whenever a lease is held no more, given back or not. */
  onLeaseOver: (lease: TaskRecord<R>) => void = () => {};
  /** What is open, by number: made when somebody asks for one, and up to date from then on. */
  private byNumber: Map<number, TaskRecord<R>> | undefined = undefined;
  private cancellations = 0;
  private resourcesCreated = 0;
  private resourcesDestroyed = 0;
  private createFailures = 0;
  private readonly clock: Clock;
  private readonly watch: TaskWatch<R>;
  private readonly collector: SelectiveCollector;
  /** Set if the collector is the built-in one on the manager's own clock: it needs neither info nor copies. */
  private readonly builtIn: BuiltInCollector | undefined;
  /** Whether another one is to be told: what it is told costs more than a call. */
  private readonly tellsArrivals: boolean;
  private readonly tellsCompletions: boolean;
  private readonly reporter: Reporter;
  private readonly events: Emitter<TaskerEvents>;
  // Those of every task.
  private readonly queuedEvents: Channel<TaskerEvents, 'queued'>;
  private readonly startedEvents: Channel<TaskerEvents, 'started'>;
  private readonly completedEvents: Channel<TaskerEvents, 'completed'>;
  private readonly failedEvents: Channel<TaskerEvents, 'failed'>;
  private readonly idleEvents: Channel<TaskerEvents, 'idle'>;

  constructor(clock: Clock, collector: SelectiveCollector, isOwn: boolean, watch: TaskWatch<R>, reporter: Reporter) {
    this.clock = clock;
    this.watch = watch;
    this.collector = collector;
    this.builtIn = isOwn && collector instanceof BuiltInCollector ? collector : undefined;
    this.tellsArrivals = this.builtIn === undefined && collector.recordArrival !== undefined;
    this.tellsCompletions = this.builtIn === undefined && collector.recordCompletion !== undefined;
    this.reporter = reporter;
    this.events = reporter.events;
    this.queuedEvents = this.events.channel('queued');
    this.startedEvents = this.events.channel('started');
    this.completedEvents = this.events.channel('completed');
    this.failedEvents = this.events.channel('failed');
    this.idleEvents = this.events.channel('idle');
  }

  get isQuiet(): boolean {
    return this.open === 0 && this.quarantined === 0;
  }

  /** The open task of that number; `all` are those that are open, for the first time. */
  find(sequence: number, all: () => Iterable<TaskRecord<R>>): TaskRecord<R> | undefined {
    if (this.byNumber === undefined) {
      this.byNumber = new Map();
      for (const task of all()) this.byNumber.set(task.sequence, task);
    }
    return this.byNumber.get(sequence);
  }

  accepted(task: TaskRecord<R>): void {
    this.open++;
    if (this.byNumber !== undefined) this.byNumber.set(task.sequence, task);
    if (task.extras?.kind === 'lease') return;
    if (this.queuedEvents.isHeard) this.queuedEvents.emit({ task: task.info() });
    if (this.interceptors !== undefined) this.interceptors.intercept(task);
    if (this.builtIn !== undefined) this.builtIn.arrivals.add(task.queuedAt);
    else if (this.tellsArrivals)
      this.reporter.guarded('collector', recordArrival, undefined, this.collector, task.info()); // last: it may settle the task
  }

  started(task: TaskRecord<R>): void {
    if (task.extras?.kind === 'lease') {
      this.leases++;
      return;
    }
    this.running++;
    if (this.startedEvents.isHeard) this.startedEvents.emit({ task: task.info() });
  }

  /** Its run has ended and it waits again, at first for `delay` ms. */
  retried(task: TaskRecord<R>, error: unknown, delay: number): void {
    this.running--;
    if (this.events.has('retried')) this.events.emit('retried', { task: task.info(), error, delay });
    if (this.builtIn !== undefined) this.builtIn.recordRetry();
    else this.reporter.guarded('collector', recordRetry, undefined, this.collector, task.info()); // last: it may settle the task
  }

  /** Its last run began at `startedAt`. */
  completed(task: TaskRecord<R>, value: unknown, startedAt: number, now: number): void {
    const { resolve } = task; // a collector may do anything, and end a shutdown in which the task lets go of it
    this.strike(task, 'completed');
    if (this.builtIn !== undefined && task.extras?.kind !== 'lease') {
      this.builtIn.completed(task.queuedAt, startedAt, now, now);
    }
    if (this.tellsCompletions || this.completedEvents.isHeard || this.tally !== undefined)
      this.tellCompleted(task, now);
    resolve(value);
    this.settled(task);
  }

  private tellCompleted(task: TaskRecord<R>, now: number): void {
    if (task.kind === 'lease') return;
    if (this.tally !== undefined) this.tally.completed++;
    if (this.completedEvents.isHeard) this.completedEvents.emit({ task: task.info(), finishedAt: now });
    if (this.tellsCompletions) this.record(recordCompletion, task, now);
  }

  failed(task: TaskRecord<R>, error: unknown, now: number): void {
    const { reject } = task;
    this.strike(task, 'failed');
    if (task.kind !== 'lease') {
      if (this.tally !== undefined) this.tally.failed++;
      if (this.failedEvents.isHeard) this.failedEvents.emit({ task: task.info(), error, finishedAt: now });
      if (this.builtIn !== undefined) this.builtIn.recordFailure();
      else this.record(recordFailure, task, now);
    }
    reject(error);
    this.settled(task);
  }

  /** Cancelled by its caller or killed. */
  cancelled(task: TaskRecord<R>, reason: unknown): void {
    const { reject } = task;
    this.strike(task, 'cancelled');
    if (task.kind !== 'lease') {
      this.cancellations++;
      if (this.events.has('cancelled')) {
        this.events.emit('cancelled', { task: task.info(), reason, finishedAt: this.clock.now() });
      }
    }
    reject(reason);
    this.settled(task);
  }

  /** Pushed out of the queue by a newcomer, which enters next: the manager does not fall idle between. */
  dropped(task: TaskRecord<R>, error: unknown): void {
    this.strike(task, 'cancelled');
    if (task.kind !== 'lease') this.cancellations++;
    this.refuse(task, error);
  }

  /** Ended by `clear()` while it waited. */
  cleared(task: TaskRecord<R>, error: unknown): void {
    this.dropped(task, error);
    if (this.isQuiet) this.quiet();
  }

  /** Not accepted, because the queue is full: it never arrived. */
  refused(task: TaskRecord<R>, error: unknown): void {
    task.settle('cancelled'); // first: whatever an interceptor does, nothing else may end it
    if (this.interceptors !== undefined && task.kind !== 'lease') this.interceptors.refused(task);
    this.refuse(task, error);
  }

  private refuse(task: TaskRecord<R>, error: unknown): void {
    if (task.kind !== 'lease' && this.events.has('dropped')) {
      this.events.emit('dropped', { task: task.info('cancelled'), error });
    }
    task.reject(error);
    this.letGo(task);
  }

  /** A task is settled: nothing else may end it. */
  private settled(task: TaskRecord<R>): void {
    if (this.open === 0 && this.quarantined === 0) this.quiet();
    if (task.extras !== undefined || task.place === undefined) this.letGo(task);
  }

  /** Its signal and clocks can end it no more. Last, since a signal is not ours, and may do anything when it is left. */
  private letGo(task: TaskRecord<R>): void {
    if (task.extras !== undefined) this.watch.leave(task, task.extras);
    if (task.place === undefined) task.letGo(); // else when the function has ended
  }

  /** A run takes longer than `stuckAfter`; `wait` is what it waits for, if that is known. */
  stuck(task: TaskRecord<R>, wait: Wait | undefined): void {
    const stack = task.extras?.stack;
    this.events.emit('stuck', {
      task: task.info(),
      ...(stack !== undefined && { stack }),
      ...(wait !== undefined && { waitsFor: wait.message }),
      isDeadlock: wait?.isDeadlock === true,
    });
    this.reporter.log('warn', `${noun(task)} is stuck${wait === undefined ? '' : `: ${wait.message}`}`);
  }

  /** The function of a settled task runs on. */
  quarantineBegan(): void {
    this.quarantined++;
  }

  quarantineEnded(): void {
    this.quarantined--;
    if (this.isQuiet) this.quiet();
  }

  /** The function of a settled task was given up. */
  abandoned(task: TaskRecord<R>): void {
    this.tally?.abandoned.push(task.info());
    if (this.events.has('abandoned')) this.events.emit('abandoned', { task: task.info() });
  }

  created(kind: WorkerKind): void {
    this.resourcesCreated++;
    this.events.emit('resourceCreated', { kind });
    this.reporter.log('debug', `a resource was created (${kind})`);
  }

  retired(kind: WorkerKind, reason: DestroyReason, cause: unknown): void {
    if (UNHEALTHY.has(reason)) this.reporter.log('warn', `a resource is replaced (${kind}, ${reason})`, cause);
  }

  destroyed(kind: WorkerKind, reason: DestroyReason, cause: unknown): void {
    this.resourcesDestroyed++;
    this.events.emit('resourceDestroyed', { kind, reason, ...(cause !== undefined && { cause }) });
    this.reporter.log('debug', `a resource was destroyed (${kind}, ${reason})`, cause);
  }

  createFailed(kind: WorkerKind, error: unknown): void {
    this.createFailures++;
    this.events.emit('createFailed', { kind, error });
    this.reporter.log('warn', `a resource could not be created (${kind})`, error);
  }

  hookFailed(hook: ErrorSource, error: unknown): void {
    this.reporter.failed(hook, error);
  }

  /** The collector's metrics, and what only the manager knows. */
  metrics(known: Pick<TaskMetrics, 'serviceTimeInflation' | 'concurrencyLimit'>): TaskMetrics {
    return {
      ...this.reporter.guarded('collector', readMetrics, NO_METRICS, this.collector),
      totalTasksCancelled: this.cancellations,
      totalResourcesCreated: this.resourcesCreated,
      totalResourcesDestroyed: this.resourcesDestroyed,
      totalCreateFailures: this.createFailures,
      ...known,
    };
  }

  private strike(task: TaskRecord<R>, state: 'completed' | 'failed' | 'cancelled'): void {
    const isRunning = task.state === 'running';
    task.settle(state);
    this.open--;
    this.byNumber?.delete(task.sequence);
    if (!isRunning) return;
    if (task.extras?.kind === 'lease') {
      this.leases--;
      this.onLeaseOver(task);
    } else {
      this.running--;
    }
  }

  private record(call: RecordEnd, task: TaskRecord<R>, now: number): void {
    this.reporter.guarded('collector', call, undefined, this.collector, stamps(task, now), task.info());
  }

  private quiet(): void {
    if (this.idleEvents.isHeard) this.idleEvents.emit({});
    this.onQuiet();
  }
}

/** Reasons that are news: something was wrong with the resource. */
const UNHEALTHY: ReadonlySet<DestroyReason> = new Set(['sick', 'invalidated', 'invalid', 'abandoned']);

// How a collector that is not ours is told, inside what guards the call: reading a method may throw, too.

type RecordEnd = (collector: SelectiveCollector, stamps: TaskLifecycleTimestamps, task: TaskInfo) => void;

const recordArrival = (collector: SelectiveCollector, task: TaskInfo): void => collector.recordArrival?.(task);
const recordRetry = (collector: SelectiveCollector, task: TaskInfo): void => collector.recordRetry?.(task);
const recordCompletion: RecordEnd = (collector, times, task) => collector.recordCompletion?.(times, task);
const recordFailure: RecordEnd = (collector, times, task) => collector.recordFailure?.(times, task);

/** For a collector that is not ours; a task that never ran has waited to its end. */
function stamps<R>({ queuedAt, startedAt }: TaskRecord<R>, finishedAt: number): TaskLifecycleTimestamps {
  return { queuedAt, startedAt: startedAt ?? finishedAt, finishedAt };
}

/** What a collector shows, read once. Throws if it is no metrics. */
function readMetrics(collector: SelectiveCollector): TaskMetrics {
  const metrics: unknown = collector.metrics();
  ignoreRejection(metrics);
  if (typeof metrics !== 'object' || metrics === null || 'then' in metrics) {
    throw new TypeError(`metrics() of a collector must return its metrics, got ${describe(metrics)}`);
  }
  return { ...(metrics as TaskMetrics) };
}

/** What is shown for a collector whose `metrics()` throws. */
const NO_METRICS: TaskMetrics = new BuiltInCollector(1, {
  now: () => 0,
  setTimeout: () => 0,
  clearTimeout: () => {},
}).metrics();
