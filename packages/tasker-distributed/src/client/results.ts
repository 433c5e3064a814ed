import { TaskerError } from 'tasker';
import { DistributedError } from '../basics/distributed-error.ts';
import type { Engine, Look, Outcome, TaskListener } from '../engine/engine.ts';
import { LookUps } from './look-ups.ts';

/** Somebody waits for the end of a task. */
interface Waiting {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  onProgress: ((value: unknown) => void) | undefined;
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
  expect(id: string, onProgress?: (value: unknown) => void): Promise<unknown> {
    return this.#waitingFor(id, onProgress).promise;
  }

  /** The task of `expected` is in the queue, or another one stands for it. */
  added(expected: string, id: string): void {
    const waiting = this.#waiting.get(expected);
    if (waiting === undefined) return; // it has ended already
    if (expected !== id) {
      this.#waiting.delete(expected);
      waiting.resolve(this.#waitingFor(id, waiting.onProgress).promise);
    }
    this.#lookUps.add(id);
  }

  /** The task of `id` should be in the queue, or have ended. */
  lookFor(id: string): void {
    if (this.#waiting.has(id)) void this.#lookUps.addNow(id);
  }

  ended(id: string, outcome: Outcome): void {
    const waiting = this.#take(id);
    if (waiting === undefined) return;
    try {
      waiting.resolve(this.#decode(outcome));
    } catch (error) {
      waiting.reject(error);
    }
  }

  removed(id: string): void {
    this.fail(id, new DOMException('the task was cancelled while it waited', 'AbortError'));
  }

  progress(id: string, value: unknown): void {
    this.#waiting.get(id)?.onProgress?.(value);
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
      this.fail(id, new DistributedError('NO_RESULT', `the store has no task ${id}, or keeps its result no longer`));
    }
  }

  #waitingFor(id: string, onProgress: Waiting['onProgress']): Waiting {
    let waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      waiting = makeWaiting();
      this.#waiting.set(id, waiting);
    }
    if (onProgress !== undefined) {
      const others = waiting.onProgress;
      waiting.onProgress =
        others === undefined
          ? onProgress
          : (value) => {
              others(value);
              onProgress(value);
            };
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
  return { promise, resolve, reject, onProgress: undefined };
}
