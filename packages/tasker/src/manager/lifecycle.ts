import { AbortWatch, reasonOf } from '../primitives/abort.ts';
import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import { sharingStack, TaskerError } from '../primitives/errors.ts';
import { messageOf } from '../primitives/check.ts';
import type { TaskRecord } from '../tasks/task.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { ResolvedConfig } from './config.ts';
import type { Ledger } from './ledger.ts';
import type { Reporter } from './reporter.ts';
import type { ShutdownReport, ShutdownTally } from './shutdown-report.ts';

/** What a shutdown has to close. */
export interface Closables<R> {
  /** Makes what is to be there at the start. */
  open(): void;
  /** Whether all of it is up. */
  isOpen(): boolean;
  /** Lets paused work go on and waits for functions given up by their callers. */
  drain(): void;
  /** Makes nothing more, and destroys each resource once it is free. */
  close(reason: unknown): void;
  /** Settles all tasks with the errors that `error` makes and destroys every resource at once. */
  kill(error: (task: TaskRecord<R>) => TaskerError, tally: ShutdownTally, reason: unknown): void;
  /** Whether every resource is gone. */
  isClosed(): boolean;
  /** The shutdown is over. */
  ended(): void;
}

/**
 * - `starting`: the first resources are being made. Left for `running` when all are up, for `failed` when one is not.
 * - `running`: tasks are accepted.
 * - `stopping`: nothing is accepted; what was is finished, then (`isClosing`) resources are destroyed.
 * - `killed`: nothing is accepted; all tasks are settled, resources are being destroyed. `isOver` when they are.
 * - `stopped`: final, after `stopping`.
 * - `failed`: the start did not succeed; what came up is being destroyed.
 */
export type Phase = 'starting' | 'running' | 'stopping' | 'stopped' | 'killed' | 'failed';

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
  /** Why the start failed. */
  #failure: unknown = undefined;
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

  /** Whether an end is under way: somebody waits for it, so the process must not end before. */
  get isEnding(): boolean {
    return !this.#isOver && this.#phase !== 'starting' && this.#phase !== 'running';
  }

  get isAccepting(): boolean {
    return this.#phase === 'running';
  }

  /** Brings up every base worker and every pooled resource. */
  async start(): Promise<void> {
    const { signal } = this.#config;
    if (signal !== undefined && (signal.aborted || !this.#signals.watch(signal, this))) throw reasonOf(signal);
    this.#parts.open();
    await this.#started.promise;
  }

  /** A resource has come up or gone. */
  progressed(): void {
    if (this.#phase === 'starting') {
      // In a microtask: a resource that has just come up may turn out to have died meanwhile.
      if (this.#parts.isOpen()) inMicrotask(this.#onOpen);
    } else if (this.#isClosing && !this.#isOver && this.#parts.isClosed()) {
      this.#finish();
    }
  }

  /** A creation failed: fatal during the start. */
  creationFailed(cause: unknown): void {
    if (this.#phase !== 'starting') return;
    this.#failStart(
      new TaskerError('CREATE_FAILED', `a resource could not be made at the start: ${messageOf(cause)}`, { cause }),
    );
  }

  /** No task is open and no function outlives one. */
  fellQuiet(): void {
    if (this.#phase === 'stopping') this.#close();
  }

  stop(timeout: number | undefined): Promise<ShutdownReport> {
    if (this.#stopped !== undefined) return this.#stopped.promise;
    this.#phase = 'stopping';
    const stopped = this.#begin();
    this.#reporter.log('info', 'stopping');
    if (this.#phase !== 'stopping') return stopped.promise; // killed by the logger
    if (timeout !== undefined && timeout < Infinity) {
      this.#timer = this.#config.clock.setTimeout(() => {
        this.#timer = undefined;
        const reason = new Error(`stop() took longer than its timeout, ${timeout} ms`);
        this.kill(reason).catch(() => {}); // it is the promise of stop(), whose caller has it
      }, timeout);
    }
    this.#parts.drain();
    if (this.#ledger.isQuiet) this.#close();
    return stopped.promise;
  }

  kill(reason: unknown): Promise<ShutdownReport> {
    if (this.#stopped !== undefined && (this.#isOver || this.#phase === 'killed')) return this.#stopped.promise;
    this.#phase = 'killed';
    const stopped = this.#stopped ?? this.#begin();
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

  stoppedError(): TaskerError {
    return new TaskerError('STOPPED', `the task manager is ${this.#isOver ? 'stopped' : 'shutting down'}`);
  }

  readonly #onOpen = (): void => {
    if (this.#phase !== 'starting' || !this.#parts.isOpen()) return;
    this.#phase = 'running';
    this.#started.resolve();
  };

  #aborted(reason: unknown): void {
    if (this.#phase === 'starting') this.#failStart(reason);
    else if (this.#phase === 'running') this.stop(undefined).catch(() => {}); // never rejects; nobody waits for it
  }

  /** What came up is destroyed, what is being made is waited for a while, and then the start rejects. */
  #failStart(error: unknown): void {
    this.#phase = 'failed';
    this.#failure = error;
    this.#isClosing = true;
    const { clock, destroyTimeout } = this.#config;
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined;
      this.#parts.kill(killedError(undefined), { completed: 0, failed: 0, dropped: [], abandoned: [] }, error);
      this.progressed();
    }, destroyTimeout);
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
    this.#parts.ended();
    if (this.#phase === 'failed') {
      this.#started.reject(this.#failure);
      return;
    }
    if (this.#phase === 'stopping') this.#phase = 'stopped';
    const report = { ...this.#tally, durationMs: this.#config.clock.now() - this.#stoppedAt };
    this.#reporter.log('info', 'stopped');
    this.#reporter.events.emit('stopped', { report });
    this.#reporter.events.close();
    this.#stopped?.resolve(report);
  }

  #clearTimer(): void {
    this.#config.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const KILLED = 'the task manager was killed';

function killedError<R>(reason: unknown): (task: TaskRecord<R>) => TaskerError {
  const options = reason === undefined ? {} : { cause: reason };
  const share = sharingStack();
  const what = `was ended, since ${KILLED}`;
  return (task) => share(() => task.error('KILLED', what, options, 'cancelled'), task.extras?.stack);
}
