import { AbortWatch, abortError, reasonOf } from '../primitives/abort.ts';
import { messageOf } from '../primitives/check.ts';
import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import { TaskerError } from '../primitives/errors.ts';
import { inMicrotask } from '../primitives/microtask.ts';
import type { Crew } from '../workers/crew.ts';
import type { ShutdownReport, ShutdownTally } from '../reports/events.ts';
import type { Ledger } from '../reports/ledger.ts';
import type { Reporter } from '../reports/reporter.ts';
import type { ErrorOf } from '../flow/early-ends.ts';
import type { ResolvedConfig } from './config.ts';
import type { ManagerParts } from './parts.ts';

/**
 * - `starting`: the first resources are being made; tasks are accepted. `failure` is what the last creation failed with.
 * - `running`: tasks are accepted, unless a drain closes the door.
 * - `stopping`: nothing is accepted; what was is finished, and everything is kept up for it.
 * - `closing`: nothing is made any more; each resource goes after its last user. After a stop, or a start that failed.
 * - `killed`: all tasks are settled; each resource goes now.
 * - `over`: final. No resource is left.
 *
 * ```
 *   starting ──▶ running ──▶ stopping ──▶ closing ──▶ over       `starting` may be left for any but `over`,
 *                   └───────────┴────────────┴─────▶ killed ──▶ over      and each but `over` for `killed`
 * ```
 */
type State<R> =
  | { readonly name: 'starting'; timer: unknown; failure: { readonly cause: unknown } | undefined }
  | { readonly name: 'running' }
  | Leaving<R>
  | { readonly name: 'killed'; readonly end: End<R> }
  | { readonly name: 'over'; readonly end: End<R>; readonly isKilled: boolean };

/** Something may still be used, and `timer` bounds it. */
interface Leaving<R> {
  readonly name: 'stopping' | 'closing';
  readonly end: End<R>;
  timer: unknown;
}

/** What is known of an end since it has begun. */
interface End<R> {
  readonly startedAt: number;
  readonly tally: ShutdownTally;
  readonly report: Deferred<ShutdownReport>;
  /** Why the start failed, and what those hear who waited for it; undefined if that is not why it ends. */
  readonly failure: { readonly error: unknown; readonly refused: ErrorOf<R> } | undefined;
}

const NEXT: Record<State<unknown>['name'], readonly State<unknown>['name'][]> = {
  starting: ['running', 'stopping', 'closing', 'killed'],
  running: ['stopping', 'killed'],
  stopping: ['closing', 'killed'],
  closing: ['over', 'killed'],
  killed: ['over'],
  over: [],
};

/** Start and end of a manager: the only place that knows how far it is. Everybody else asks. */
export class Lifecycle<R> {
  /** Whether tasks are accepted; asked for each. Written where the state or the door changes, like {@link isClosing}. */
  isAccepting = true;
  /** Whether nothing is made or decided any more, since the end is near or there. */
  isClosing = false;
  #state: State<R> = { name: 'starting', timer: undefined, failure: undefined };
  readonly #started: Deferred<void> = deferred<void>();
  /** The door is closed until it is opened again; in any state. Resolves when what was accepted is done. */
  #drained: Deferred<void> | undefined = undefined;
  readonly #config: ResolvedConfig<R>;
  readonly #ledger: Ledger<R>;
  readonly #reporter: Reporter;
  readonly #owner: LifecycleOwner<R>;
  readonly #signals: AbortWatch<this>;

  constructor(owner: LifecycleOwner<R>) {
    const { config, ledger, reporter } = owner;
    this.#config = config;
    this.#ledger = ledger;
    this.#reporter = reporter;
    this.#owner = owner;
    this.#signals = new AbortWatch(
      (_, reason) => this.#aborted(reason),
      (error) => reporter.failed('signal', error),
    );
  }

  /** As the manager shows it. */
  get shown(): 'starting' | 'running' | 'draining' | 'stopping' | 'stopped' | 'killed' {
    const state = this.#state;
    if (state.name === 'over') return state.isKilled ? 'killed' : 'stopped';
    if (state.name === 'closing') return 'stopping';
    return this.isDraining ? 'draining' : state.name; // also during the start
  }

  get isStarting(): boolean {
    return this.#state.name === 'starting';
  }

  /** Whether the start is over and everything is kept up. */
  get isUp(): boolean {
    return this.#state.name === 'running' || this.#state.name === 'stopping';
  }

  /** Whether a start or an end is under way: somebody waits for it, so the process must not end before. */
  get isAwaited(): boolean {
    return this.#state.name !== 'running' && this.#state.name !== 'over';
  }

  /** Whether no end is under way. */
  get isWorking(): boolean {
    return this.#state.name === 'starting' || this.#state.name === 'running';
  }

  get isDraining(): boolean {
    return this.isWorking && !this.isAccepting;
  }

  /** Resolves when the start is over, or rejects once what a failed one has left is gone. Never an unhandled rejection. */
  get ready(): Promise<void> {
    return this.#started.promise;
  }

  /** Waits for the crews, which the owner brings up. To be called once. */
  start(): void {
    this.#started.promise.catch(() => {}); // some never ask
    const { signal, clock, startTimeout } = this.#config;
    if (signal !== undefined && (signal.aborted || !this.#signals.watch(signal, this))) {
      this.#abortStart(reasonOf(signal));
    } else if (this.#state.name === 'starting' && startTimeout > 0 && startTimeout < Infinity) {
      this.#state.timer = clock.setTimeout(() => this.#startTimedOut(startTimeout), startTimeout);
    }
  }

  /** Something has changed: goes on if what the state waits for is true. */
  look(): void {
    const state = this.#state;
    switch (state.name) {
      case 'starting':
        // In a microtask: a resource that has just come up may turn out to have died meanwhile.
        if (this.#isComplete) inMicrotask(this.#onComplete);
        return;
      case 'stopping':
        if (this.#ledger.isQuiet)
          this.#close({ name: 'closing', end: state.end, timer: state.timer }, this.stoppedError());
        return;
      case 'closing':
      case 'killed':
        if (this.#crews.every((crew) => crew.size === 0)) this.#finish(state.end, state.name === 'killed');
        return;
      case 'running':
      case 'over':
    }
  }

  /** No task is open and no function outlives one. */
  fellQuiet(): void {
    this.#drained?.resolve();
    if (this.#state.name === 'stopping') this.look();
  }

  /** A creation failed: fatal during the start, unless there is time to try again, or the start does not need it. */
  creationFailed(cause: unknown): void {
    if (this.#state.name !== 'starting') return;
    this.#state.failure = { cause };
    if (this.#config.startTimeout !== 0 || this.#crews.every((crew) => crew.isUnderWay)) return;
    this.#startUnmade('at the start', cause);
  }

  /** Accepts nothing from now on, until {@link reopen}. Resolves when all that was is done; joins a drain under way. */
  drain(): Promise<void> {
    if (this.#drained === undefined) {
      this.#drained = deferred<void>();
      this.isAccepting = false;
      this.#drained.promise.catch(() => {}); // who opens again need not be who drains, who need not care
    }
    if (this.#ledger.isQuiet) this.#drained.resolve();
    return this.#drained.promise;
  }

  /** Accepts tasks again after a {@link drain}; false if there is none. */
  reopen(): boolean {
    if (this.#drained === undefined || !this.isWorking) return false;
    this.#drained.reject(abortError());
    this.#drained = undefined;
    this.isAccepting = true;
    return true;
  }

  stop(timeout: number | undefined): Promise<ShutdownReport> {
    const last = this.#state;
    if ('end' in last) return last.end.report.promise;
    const state = this.#enter<Leaving<R>>({ name: 'stopping', end: this.#begin(), timer: undefined });
    this.#reporter.log('info', 'stopping');
    if (this.#state !== state) return state.end.report.promise; // killed by the logger
    if (timeout !== undefined && timeout < Infinity) {
      state.timer = this.#config.clock.setTimeout(() => {
        const reason = new Error(`stop() took longer than its timeout, ${timeout} ms`);
        this.kill(reason).catch(() => {}); // it is the promise of stop(), whose caller has it
      }, timeout);
    }
    this.#owner.stopping();
    this.look();
    return state.end.report.promise;
  }

  kill(reason: unknown): Promise<ShutdownReport> {
    const state = this.#state;
    if (state.name === 'killed' || state.name === 'over') return state.end.report.promise;
    const { end } = this.#enter({ name: 'killed', end: 'end' in state ? state.end : this.#begin() });
    this.#reporter.log('info', 'killed');
    this.#killAll(end, reason, reason ?? new TaskerError('KILLED', KILLED));
    return end.report.promise;
  }

  /** Throws `STOPPED` once the manager has begun to stop. */
  assertWorking(): void {
    if (!this.isWorking) throw this.stoppedError();
  }

  /** Why nothing is accepted. */
  stoppedError(): TaskerError {
    const state = this.#state;
    if (!('end' in state)) return new TaskerError('STOPPED', DRAINING);
    if (state.end.failure !== undefined) {
      const { error } = state.end.failure;
      return new TaskerError('STOPPED', `the task manager could not start: ${messageOf(error)}`, { cause: error });
    }
    return new TaskerError('STOPPED', `the task manager is ${state.name === 'over' ? 'stopped' : 'shutting down'}`);
  }

  /** The manager is up when each of them is complete, and over when each is gone. */
  get #crews(): readonly Crew<R>[] {
    return this.#owner.staff.crews;
  }

  /** Whether all is up that the start is to bring up. */
  get #isComplete(): boolean {
    return this.#crews.every((crew) => crew.isComplete);
  }

  readonly #onComplete = (): void => {
    if (this.#state.name !== 'starting' || !this.#isComplete) return;
    this.#enter({ name: 'running' });
    this.#started.resolve();
    this.#owner.started();
  };

  #startTimedOut(startTimeout: number): void {
    if (this.#state.name !== 'starting') return;
    const { cause } = this.#state.failure ?? { cause: new Error('onCreate has not ended') };
    this.#startUnmade(`within startTimeout, ${startTimeout} ms`, cause);
  }

  #startUnmade(when: string, cause: unknown): void {
    const what = `a resource could not be made ${when}: ${messageOf(cause)}`;
    this.#failStart(new TaskerError('CREATE_FAILED', what, { cause }), (task) =>
      task.error('CREATE_FAILED', `has no worker: ${what}`, { cause }),
    );
  }

  #abortStart(reason: unknown): void {
    const what = 'has no worker: the signal of the task manager aborted before it was up';
    this.#failStart(reason, (task) => task.error('STOPPED', what, { cause: reason }));
  }

  #aborted(reason: unknown): void {
    if (this.#state.name === 'starting') this.#abortStart(reason);
    else if (this.isWorking) this.stop(undefined).catch(() => {}); // never rejects; nobody waits for it
  }

  /**
   * What waits is settled, what came up is destroyed, what runs or is being made is waited for a while, and then the start
   * rejects.
   */
  #failStart(error: unknown, refused: ErrorOf<R>): void {
    const end = this.#begin({ error, refused });
    const { clock, destroyTimeout } = this.#config;
    const timer = clock.setTimeout(() => this.#killAll(end, undefined, error), destroyTimeout);
    this.#close({ name: 'closing', end, timer }, error);
  }

  #begin(failure?: End<R>['failure']): End<R> {
    const tally = { completed: 0, failed: 0, dropped: [], abandoned: [] };
    this.#ledger.tally = tally;
    return { startedAt: this.#config.clock.now(), tally, report: deferred<ShutdownReport>(), failure };
  }

  #close(state: Leaving<R>, reason: unknown): void {
    this.#enter(state);
    if (state.end.failure !== undefined) this.#owner.early.refuse(state.end.failure.refused);
    this.#owner.closing();
    for (const crew of this.#crews) crew.close(reason);
    this.look();
  }

  #killAll(end: End<R>, cause: unknown, reason: unknown): void {
    this.#owner.closing();
    this.#owner.early.endAll(killedError(cause), end.tally);
    for (const crew of this.#crews) crew.kill(reason);
    this.look();
  }

  #finish(end: End<R>, isKilled: boolean): void {
    this.#enter({ name: 'over', end, isKilled });
    const { signal, clock } = this.#config;
    if (signal !== undefined) this.#signals.unwatch(signal, this);
    if (end.failure !== undefined) this.#owner.early.refuse(end.failure.refused); // those to be retried have come back since
    this.#owner.ended();
    if (end.failure !== undefined) this.#started.reject(end.failure.error);
    const report = { ...end.tally, durationMs: clock.now() - end.startedAt };
    this.#reporter.log('info', 'stopped');
    this.#reporter.events.emit('stopped', { report });
    this.#reporter.events.close();
    end.report.resolve(report);
  }

  /** The only way from one state to the next. A timer ends with the last state that has it. */
  #enter<S extends State<R>>(next: S): S {
    const last = this.#state;
    if (!NEXT[last.name].includes(next.name)) throw new Error(`a manager cannot go from ${last.name} to ${next.name}`);
    this.#state = next;
    if ('end' in next) this.isAccepting = false;
    this.isClosing = 'end' in next && next.name !== 'stopping';
    const timer = 'timer' in last ? last.timer : undefined;
    if (timer !== undefined && !('timer' in next && next.timer === timer)) this.#config.clock.clearTimeout(timer);
    // It was stopped or killed before it was up: nobody need wait for that any more.
    if (last.name === 'starting' && 'end' in next && next.end.failure === undefined)
      this.#started.reject(this.stoppedError());
    return next;
  }
}

const DRAINING = 'the task manager is draining: it accepts no new tasks until resume()';
const KILLED = 'the task manager was killed';

function killedError<R>(reason: unknown): ErrorOf<R> {
  const options = reason === undefined ? {} : { cause: reason };
  return (task) => task.error('KILLED', `was ended, since ${KILLED}`, options, 'cancelled');
}

/** Who hears of the steps from the start to the end. */
export interface LifecycleOwner<R> extends ManagerParts<R> {
  /** The start is over. */
  started(): void;
  /** Lets paused work go on and waits for functions given up by their callers. */
  stopping(): void;
  /** What decides or looks after something does nothing more by itself. */
  closing(): void;
  /** The end is over. */
  ended(): void;
}
