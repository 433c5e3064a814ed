import { RateWindow } from '../primitives/rate.ts';

/** How often and when a task is retried after an unhealthy run, and how many retries the whole manager may make. */
export interface RetryPolicy {
  /** Maximum number of retries of one task. An integer, 0 or more; default 3. */
  maxRetries: number;
  /**
   * Returns how long to wait, in ms, before retry number `attempt` (1 = the first retry). Default: no wait if the
   * resource was replaced; if it was kept, full jitter with a bound that doubles from 100 ms to 5 s.
   */
  backoff: (attempt: number) => number;
  /**
   * Over the last 10 s the manager makes at most `ratio * arrivals + minPerSecond * 10` retries, so that an outage does
   * not become a storm. A task that is refused a retry fails with `RETRIES_EXHAUSTED`. Default: no budget.
   */
  budget: RetryBudgetOptions;
}

/** See {@link RetryPolicy.budget}. Both are 0 or more. */
export interface RetryBudgetOptions {
  ratio: number;
  minPerSecond: number;
}

/** The part of the policy that one task may override. */
export type TaskRetry = Partial<Pick<RetryPolicy, 'maxRetries' | 'backoff'>>;

const WINDOW_SECONDS = 10;

/**
 * The retry budget: retries are paid from recent arrivals.
 * Source: "retry budgets" of Finagle and of Google's SRE book, chapter "Handling Overload".
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  readonly #arrivals = new RateWindow(WINDOW_SECONDS, 1000);
  readonly #retries = new RateWindow(WINDOW_SECONDS, 1000);

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
  }

  arrived(now: number): void {
    this.#arrivals.add(now);
  }

  /** Takes one retry from the budget; false if it is spent. */
  spend(now: number): boolean {
    const { ratio, minPerSecond } = this.#options;
    const allowed = ratio * this.#arrivals.total(now) + minPerSecond * WINDOW_SECONDS;
    if (!(this.#retries.total(now) + 1 <= allowed)) return false;
    this.#retries.add(now);
    return true;
  }
}
