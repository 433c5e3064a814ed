import { AbortWatch, abortError, reasonOf } from '../primitives/abort.ts';
import { messageOf } from '../primitives/check.ts';
import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import { sharingStack, TaskerError } from '../primitives/errors.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { TaskRecord } from '../tasks/task.ts';
import type { ShutdownReport, ShutdownTally } from '../reports/events.ts';
import type { Ledger } from '../reports/ledger.ts';
import type { Reporter } from '../reports/reporter.ts';
import type { ResolvedConfig } from './config.ts';

/**
 * - `starting`: the first resources are being made; tasks are accepted. Left for `running` when all are up, for `failed` when
 *   one could not be made (within `startTimeout`, if there is one).
 * - `running`: tasks are accepted.
 * - `draining`: nothing is accepted until it is `running` again; what was is finished, and everything is kept up.
 * - `stopping`: nothing is accepted; what was is finished, then (`isClosing`) resources are destroyed.
 * - `killed`: nothing is accepted; all tasks are settled, resources are being destroyed. `isOver` when they are.
 * - `stopped`: final, after `stopping`.
 * - `failed`: the start did not succeed; what waited is settled, what came up is being destroyed. `isOver` when it is.
 *
 * ```
 *               drain()
 *   running ──────────────▶ draining          both ── stop() ──▶ stopping ── kill() ──▶ killed
 *      ▲                        │             both ── kill() ──▶ killed
 *      └─────── resume() ───────┘
 * ```
 */
export type Phase = 'starting' | 'running' | 'draining' | 'stopping' | 'stopped' | 'killed' | 'failed';

const NEXT: Record<Phase, readonly Phase[]> = {
  starting: ['running', 'failed', 'stopping', 'killed'],
  running: ['draining', 'stopping', 'killed'],
  draining: ['running', 'stopping', 'killed'],
  stopping: ['stopped', 'killed'],
  stopped: [],
  killed: [],
  failed: ['killed'],
};

/** Start and end of a manager. */
export class Lifecycle<R> {
  #phase: Phase = 'starting';
  #isClosing = false;
  #isOver = false;
  readonly #config: ResolvedConfig<R>;
  readonly #ledger: Ledger<R>;
  readonly #parts: Closables<R>;
  readonly #reporter: Reporter;
  readonly #started: Deferred<void> = deferred<void>();
  /** Why the start failed, if it did. */
  #failure: { readonly error: unknown; readonly refused: (task: TaskRecord<R>) => TaskerError } | undefined = undefined;
  /** What the last creation failed with that is tried again. */
  #creationFailure: { readonly cause: unknown } | undefined = undefined;
  /** The end of a drain; undefined where there is none. One that is asked for during the start begins after it. */
  #drained: Deferred<void> | undefined = undefined;
  #stopped: Deferred<ShutdownReport> | undefined = undefined;
  #stoppedAt = 0;
  #timer: unknown = undefined;
  readonly #signals: AbortWatch<this>;

  constructor(config: ResolvedConfig<R>, ledger: Ledger<R>, reporter: Reporter, parts: Closables<R>) {
    this.#config = config;
    this.#ledger = ledger;
    this.#reporter = reporter;
    this.#parts = parts;
    this.#signals = new AbortWatch(
      (_, reason) => this.#aborted(reason),
      (error) => reporter.failed('signal', error),
    );
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether a start or an end is under way: somebody waits for it, so the process must not end before. */
  get isAwaited(): boolean {
    return !this.#isOver && this.#phase !== 'running' && this.#phase !== 'draining';
  }

  /** Whether no end is under way. */
  get isWorking(): boolean {
    return this.#phase === 'starting' || this.#phase === 'running' || this.#phase === 'draining';
  }

  get isAccepting(): boolean {
    return this.isWorking && this.#drained === undefined;
  }

  get isDraining(): boolean {
    return this.isWorking && this.#drained !== undefined;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when the start is over, or rejects once what a failed one has left is gone. Never an unhandled rejection. */
  get ready(): Promise<void> {
    return this.#started.promise;
  }

  /** Brings up every base worker and every pooled resource. To be called once. */
  start(): void {
    this.#started.promise.catch(() => {}); // some never ask
    const { signal, clock, startTimeout } = this.#config;
    if (signal !== undefined && (signal.aborted || !this.#signals.watch(signal, this))) {
      this.#abortStart(reasonOf(signal));
      return;
    }
    if (startTimeout > 0 && startTimeout < Infinity) {
      this.#timer = clock.setTimeout(() => this.#startTimedOut(startTimeout), startTimeout);
    }
    this.#parts.open();
    this.progressed(); // there may be nothing to wait for
  }

  /** A resource has come up or gone, or fewer are wanted. */
  progressed(): void {
    if (this.#phase === 'starting') {
      // In a microtask: a resource that has just come up may turn out to have died meanwhile.
      if (this.#parts.isOpen()) inMicrotask(this.#onOpen);
    } else if (this.#isClosing && !this.#isOver && this.#parts.isClosed()) {
      this.#finish();
    }
  }

  /** A creation failed: fatal during the start, unless there is time to try again, or the start does not need it. */
  creationFailed(cause: unknown): void {
    if (this.#phase !== 'starting') return;
    this.#creationFailure = { cause };
    if (this.#config.startTimeout === 0 && !this.#parts.isUnderWay()) this.#startUnmade('at the start', cause);
  }

  #startTimedOut(startTimeout: number): void {
    this.#timer = undefined;
    if (this.#phase !== 'starting') return;
    const { cause } = this.#creationFailure ?? { cause: new Error('onCreate has not ended') };
    this.#startUnmade(`within startTimeout, ${startTimeout} ms`, cause);
  }

  #startUnmade(when: string, cause: unknown): void {
    const what = `a resource could not be made ${when}: ${messageOf(cause)}`;
    const share = sharingStack();
    this.#failStart(new TaskerError('CREATE_FAILED', what, { cause }), (task) =>
      share(() => task.error('CREATE_FAILED', `has no worker: ${what}`, { cause }), task.extras?.stack),
    );
  }

  #abortStart(reason: unknown): void {
    const share = sharingStack();
    const what = 'has no worker: the signal of the task manager aborted before it was up';
    this.#failStart(reason, (task) => share(() => task.error('STOPPED', what, { cause: reason }), task.extras?.stack));
  }

  /** No task is open and no function outlives one. */
  fellQuiet(): void {
    this.#drained?.resolve();
    if (this.#phase === 'stopping') this.#close();
  }

  /** Accepts nothing from now on, until {@link reopen}. Resolves when all that was is done; joins a drain under way. */
  drain(): Promise<void> {
    if (this.#phase === 'running') this.#enter('draining');
    if (this.#drained === undefined) {
      this.#drained = deferred<void>();
      this.#drained.promise.catch(() => {}); // who opens again need not be who drains, who need not care
    }
    if (this.#ledger.isQuiet) this.#drained.resolve();
    return this.#drained.promise;
  }

  /** Accepts tasks again after a {@link drain}; false if there is none. */
  reopen(): boolean {
    if (this.#drained === undefined || !this.isWorking) return false;
    if (this.#phase === 'draining') this.#enter('running');
    this.#drained.reject(abortError());
    this.#drained = undefined;
    return true;
  }

  stop(timeout: number | undefined): Promise<ShutdownReport> {
    if (this.#stopped !== undefined) return this.#stopped.promise;
    const isStarting = this.#phase === 'starting';
    this.#enter('stopping');
    const stopped = this.#begin();
    if (isStarting) this.#giveUpStart();
    this.#reporter.log('info', 'stopping');
    if (this.#phase !== 'stopping') return stopped.promise; // killed by the logger
    if (timeout !== undefined && timeout < Infinity) {
      this.#timer = this.#config.clock.setTimeout(() => {
        this.#timer = undefined;
        const reason = new Error(`stop() took longer than its timeout, ${timeout} ms`);
        this.kill(reason).catch(() => {}); // it is the promise of stop(), whose caller has it
      }, timeout);
    }
    this.#parts.finish();
    if (this.#ledger.isQuiet) this.#close();
    return stopped.promise;
  }

  kill(reason: unknown): Promise<ShutdownReport> {
    if (this.#stopped !== undefined && (this.#isOver || this.#phase === 'killed')) return this.#stopped.promise;
    const isStarting = this.#phase === 'starting';
    this.#enter('killed');
    const stopped = this.#stopped ?? this.#begin();
    if (isStarting) this.#giveUpStart();
    this.#clearTimer();
    this.#reporter.log('info', 'killed');
    this.#isClosing = true;
    this.#parts.kill(killedError(reason), this.#tally, reason ?? new TaskerError('KILLED', KILLED));
    this.progressed();
    return stopped.promise;
  }

  /** Stops unless that has been done, and waits for the end in any case. */
  async dispose(): Promise<void> {
    await this.stop(undefined);
  }

  /** Why nothing is accepted. */
  stoppedError(): TaskerError {
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      return new TaskerError('STOPPED', `the task manager could not start: ${messageOf(error)}`, { cause: error });
    }
    if (this.isDraining) return new TaskerError('STOPPED', DRAINING);
    return new TaskerError('STOPPED', `the task manager is ${this.#isOver ? 'stopped' : 'shutting down'}`);
  }

  readonly #onOpen = (): void => {
    if (this.#phase !== 'starting' || !this.#parts.isOpen()) return;
    this.#enter('running');
    if (this.#drained !== undefined) this.#enter('draining');
    this.#clearTimer();
    this.#started.resolve();
    this.#parts.opened();
  };

  /** The manager was stopped before it was up: nobody need wait for that any more. */
  #giveUpStart(): void {
    this.#clearTimer();
    this.#started.reject(this.stoppedError());
  }

  #aborted(reason: unknown): void {
    if (this.#phase === 'starting') this.#abortStart(reason);
    else if (this.isWorking) this.stop(undefined).catch(() => {}); // never rejects; nobody waits for it
  }

  /**
   * What waits is settled, what came up is destroyed, what runs or is being made is waited for a while, and then the start
   * rejects.
   */
  #failStart(error: unknown, refused: (task: TaskRecord<R>) => TaskerError): void {
    this.#enter('failed');
    this.#failure = { error, refused };
    this.#begin();
    this.#isClosing = true;
    this.#clearTimer();
    const { clock, destroyTimeout } = this.#config;
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined;
      this.#parts.kill(killedError(undefined), this.#tally, error);
      this.progressed();
    }, destroyTimeout);
    this.#parts.refuse(refused);
    this.#parts.close(error);
    this.progressed();
  }

  #begin(): Deferred<ShutdownReport> {
    this.#stopped = deferred<ShutdownReport>();
    this.#stoppedAt = this.#config.clock.now();
    this.#ledger.tally = { completed: 0, failed: 0, dropped: [], abandoned: [] };
    return this.#stopped;
  }

  get #tally(): ShutdownTally {
    return this.#ledger.tally ?? { completed: 0, failed: 0, dropped: [], abandoned: [] };
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#parts.close(this.stoppedError());
    this.progressed();
  }

  #finish(): void {
    this.#isOver = true;
    this.#clearTimer();
    const { signal } = this.#config;
    if (signal !== undefined) this.#signals.unwatch(signal, this);
    if (this.#failure !== undefined) this.#parts.refuse(this.#failure.refused); // those to be retried have come back since
    this.#parts.ended();
    if (this.#failure !== undefined) this.#started.reject(this.#failure.error);
    if (this.#phase === 'stopping') this.#enter('stopped');
    const report = { ...this.#tally, durationMs: this.#config.clock.now() - this.#stoppedAt };
    this.#reporter.log('info', 'stopped');
    this.#reporter.events.emit('stopped', { report });
    this.#reporter.events.close();
    this.#stopped?.resolve(report);
  }

  #enter(phase: Phase): void {
    if (!NEXT[this.#phase].includes(phase)) throw new Error(`a manager cannot go from ${this.#phase} to ${phase}`);
    this.#phase = phase;
  }

  #clearTimer(): void {
    this.#config.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const DRAINING = 'the task manager is draining: it accepts no new tasks until resume()';
const KILLED = 'the task manager was killed';

function killedError<R>(reason: unknown): (task: TaskRecord<R>) => TaskerError {
  const options = reason === undefined ? {} : { cause: reason };
  const share = sharingStack();
  const what = `was ended, since ${KILLED}`;
  return (task) => share(() => task.error('KILLED', what, options, 'cancelled'), task.extras?.stack);
}

/** What a start has to open and a shutdown to close. */
export interface Closables<R> {
  /** Makes what is to be there at the start. */
  open(): void;
  /** Whether all of it is up. */
  isOpen(): boolean;
  /** Whether all of it is up or being made. */
  isUnderWay(): boolean;
  /** The start is over. */
  opened(): void;
  /** The start has failed: settles the tasks that wait with the errors that `error` makes. */
  refuse(error: (task: TaskRecord<R>) => TaskerError): void;
  /** Lets paused work go on and waits for functions given up by their callers. */
  finish(): void;
  /** Makes nothing more, and destroys each resource once it is free. */
  close(reason: unknown): void;
  /** Settles all tasks with the errors that `error` makes and destroys every resource at once. */
  kill(error: (task: TaskRecord<R>) => TaskerError, tally: ShutdownTally, reason: unknown): void;
  /** Whether every resource is gone. */
  isClosed(): boolean;
  /** The shutdown is over. */
  ended(): void;
}
