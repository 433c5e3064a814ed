import { RateWindow } from '../primitives/rate.ts';

/** How often and when an unhealthy task runs again, and how many retries the whole manager may make. */
export interface RetryPolicy {
  /** An integer, 0 or more; how often one task may be retried. Default 3. */
  maxRetries: number;
  /**
   * Milliseconds to wait before retry number `attempt` (1 = the first retry). Default: none after the resource was
   * replaced; full jitter from 100 ms doubling to 5 s when the resource was kept.
   */
  backoff: (attempt: number) => number;
  /**
   * Over the last 10 s the manager makes at most `ratio * arrivals + minPerSecond * 10` retries, so that an outage
   * does not become a storm. A refused retry rejects with `RETRIES_EXHAUSTED`. Default: no budget.
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
