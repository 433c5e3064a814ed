import { deadlineError, limitsIn, queueTimeoutError, tooLateToBegin } from '../basics/limits.ts';
import type { Limited } from '../basics/limits.ts';
import type { Engine } from '../engine/engine.ts';
import type { Results } from './results.ts';

/** The longest that a timer of Node can wait; until then a worker has met the task, or none ever will. */
const MAX_TIMER = 2_147_483_647;
/** Milliseconds by which two machines may disagree, so that both say the same of a task that one of them has removed. */
const SAME_TIME = 2_000;

/**
 * Ends the wait for tasks at their limits. Workers end what is too late by themselves, but there may be none: what still waits is removed.
 */
export class Expiries {
  readonly #engine: Engine;
  readonly #results: Results;

  constructor(engine: Engine, results: Results) {
    this.#engine = engine;
    this.#results = results;
  }

  /** The task is in the store; `result` is that of somebody who waits for it. */
  watch(task: Limited, result: Promise<unknown>): void {
    const { startBy, endBy } = task.limits;
    if (startBy === undefined && endBy === undefined) return;
    this.#results.explainRemoval(task.id, () => tooLateToBegin(task, this.#engine.now() + SAME_TIME));
    const timers = [
      startBy === undefined ? undefined : after(startBy - this.#engine.now(), () => this.#queueTimeout(task)),
      endBy === undefined ? undefined : after(endBy - this.#engine.now(), () => this.#deadline(task)),
    ];
    const settled = (): void => {
      for (const timer of timers) clearTimeout(timer);
    };
    result.then(settled, settled);
  }

  /** {@link Expiries.watch} of a task that was submitted elsewhere. Never rejects. */
  async find(id: string, result: Promise<unknown>): Promise<void> {
    try {
      const found = await this.#engine.find(id);
      if (found !== undefined) this.watch({ id, name: found.name, limits: limitsIn(found.payload) }, result);
    } catch {
      // The store is away, which those who wait are told otherwise.
    }
  }

  async #queueTimeout(task: Limited): Promise<void> {
    if ((await this.#engine.remove(task.id)) === 'removed') this.#results.fail(task.id, queueTimeoutError(task));
  }

  /** It may have ended, and the event be lost. Where it runs it is ended by its worker. */
  async #deadline(task: Limited): Promise<void> {
    if (!(await this.#results.lookFor(task.id))) return;
    this.#results.fail(task.id, deadlineError(task));
    await this.#engine.remove(task.id);
  }
}

/** The process need not stay for it: whoever waits holds it by other means. */
function after(ms: number, end: () => Promise<void>): NodeJS.Timeout | undefined {
  if (ms > MAX_TIMER) return undefined;
  return setTimeout(() => void end().catch(() => {}), Math.max(0, ms)).unref(); // the store is away: told otherwise
}
