import { TaskerError } from 'tasker';
import { DistributedError } from '../basics/distributed-error.ts';
import type { Engine, Look, Outcome, TaskListener } from '../engine/engine.ts';
import { LookUps } from './look-ups.ts';

type ProgressListener = (value: unknown) => void;

/** One or several wait for the end of a task. */
interface Waiting {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  count: number;
  /** Made for the first. */
  listeners: ProgressListener[] | undefined;
  /** Why it is removed, should that be told. */
  whyRemoved: (() => unknown) | undefined;
  /** It has ended, and its result is being checked. */
  hasEnded: boolean;
}

/** Settles those who wait for the ends of tasks: as events tell of them, or as a look finds them, whichever comes first. */
export class Results implements TaskListener {
  readonly #decode: (outcome: Outcome) => unknown;
  readonly #waiting = new Map<string, Waiting>();
  readonly #lookUps: LookUps;

  constructor(engine: Engine, storeTimeout: number, decode: (outcome: Outcome) => unknown) {
    this.#decode = decode;
    this.#lookUps = new LookUps(
      (id) => engine.look(id),
      storeTimeout,
      (id, look) => this.#found(id, look),
      (error) => this.failAll(() => error),
    );
  }

  /**
   * Waits for a task that may be on its way into the queue: {@link Results.added}, {@link Results.lookFor} or {@link Results.fail} comes
   * next.
   */
  expect(id: string, onProgress?: ProgressListener): Promise<unknown> {
    const waiting = this.#waitingFor(id);
    waiting.count++;
    if (onProgress !== undefined) (waiting.listeners ??= []).push(onProgress);
    return waiting.promise;
  }

  /** One of those who wait for a task does so no longer: its promise may never settle. */
  leave(id: string, onProgress?: ProgressListener): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const listener = waiting.listeners?.findIndex((other) => other === onProgress) ?? -1;
    if (listener !== -1) waiting.listeners?.splice(listener, 1);
    if (--waiting.count === 0) this.#take(id);
  }

  /** The task of `expected` is in the queue, or another one stands for it. */
  added(expected: string, id: string): void {
    const waiting = this.#waiting.get(expected);
    if (waiting === undefined || waiting.hasEnded) return;
    if (expected !== id) {
      this.#waiting.delete(expected);
      waiting.resolve(this.#join(waiting, id));
    }
    this.#lookUps.add(id);
  }

  /** Those who wait for a task wait for another one from now on. */
  #join({ count, listeners }: Waiting, id: string): Promise<unknown> {
    const other = this.#waitingFor(id);
    other.count += count;
    if (listeners !== undefined) (other.listeners ??= []).push(...listeners);
    return other.promise;
  }

  /** The task of `id` should be in the queue, or have ended. Resolves after a look at it, with whether it is still waited for. */
  async lookFor(id: string): Promise<boolean> {
    if (this.#waiting.has(id)) await this.#lookUps.addNow(id);
    return this.#waiting.has(id);
  }

  /** Should it be removed, whoever waits for it gets what `why` returns then, unless that is undefined. */
  explainRemoval(id: string, why: () => unknown): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) waiting.whyRemoved = why;
  }

  ended(id: string, outcome: Outcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || waiting.hasEnded) return;
    waiting.hasEnded = true;
    this.#lookUps.delete(id);
    try {
      const value = this.#decode(outcome);
      if (value instanceof Promise) this.#settleBy(id, waiting, value);
      else this.#take(id)?.resolve(value);
    } catch (error) {
      this.fail(id, error);
    }
  }

  /** Whoever waits may still be rejected otherwise: a check may never end. */
  #settleBy(id: string, waiting: Waiting, value: Promise<unknown>): void {
    const forget = (): void => {
      if (this.#waiting.get(id) === waiting) this.#take(id);
    };
    waiting.promise.then(forget, forget);
    value.then(waiting.resolve, waiting.reject);
  }

  removed(id: string): void {
    this.#gone(id, () => new DOMException('the task was cancelled while it waited', 'AbortError'));
  }

  progress(id: string, value: unknown): void {
    for (const listener of this.#waiting.get(id)?.listeners ?? []) listener(value);
  }

  /** Nothing more is waited for; false if nothing was. */
  fail(id: string, error: unknown): boolean {
    const waiting = this.#take(id);
    waiting?.reject(error);
    return waiting !== undefined;
  }

  failAll(make: (id: string) => unknown): void {
    for (const id of this.#waiting.keys()) this.fail(id, make(id));
    this.#lookUps.clear();
  }

  /** The client closes. */
  close(): void {
    this.failAll(
      (id) =>
        new TaskerError('STOPPED', `the client was closed; the task goes on, ask another one for result('${id}')`),
    );
  }

  #found(id: string, look: Look): void {
    if (look.state === 'ended') this.ended(id, look.outcome);
    if (look.state === 'unknown') {
      const message = `the store has no task ${id}, or keeps its result no longer`;
      this.#gone(id, () => new DistributedError('NO_RESULT', message));
    }
  }

  #gone(id: string, make: () => unknown): void {
    if (this.#waiting.get(id)?.hasEnded === true) return;
    const waiting = this.#take(id);
    waiting?.reject(waiting.whyRemoved?.() ?? make());
  }

  #waitingFor(id: string): Waiting {
    let waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      waiting = makeWaiting();
      this.#waiting.set(id, waiting);
    }
    return waiting;
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#lookUps.delete(id);
    return waiting;
  }
}

function makeWaiting(): Waiting {
  let resolve!: Waiting['resolve']; // a promise calls its function at once
  let reject!: Waiting['reject'];
  const promise = new Promise<unknown>((...functions) => {
    [resolve, reject] = functions;
  });
  return { promise, resolve, reject, count: 0, listeners: undefined, whyRemoved: undefined, hasEnded: false };
}
