import type { TaskerEvents } from 'tasker';
import type { DashboardManager } from '../basics/shown-state.ts';

/**
 * Listens to the first so many events of a kind after each refill, and then leaves: to whoever emits a million a second it costs no more than to
 * whoever emits a few, since an event that nobody listens to is not even made.
 */
export class Tap<E extends keyof TaskerEvents> {
  readonly #manager: DashboardManager;
  readonly #event: E;
  readonly #most: number;
  readonly #take: (payload: TaskerEvents[E]) => void;
  #left = 0;
  #leave: (() => void) | undefined = undefined;

  constructor(manager: DashboardManager, event: E, most: number, take: (payload: TaskerEvents[E]) => void) {
    this.#manager = manager;
    this.#event = event;
    this.#most = most;
    this.#take = take;
    this.refill();
  }

  refill(): void {
    this.#left = this.#most;
    this.#leave ??= this.#manager.on(this.#event, this.#hear);
  }

  close(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#left = 0;
  }

  readonly #hear = (payload: TaskerEvents[E]): void => {
    if (this.#left <= 0) return; // one of a delivery that was under way
    this.#take(payload);
    if (--this.#left === 0) this.close();
  };
}
