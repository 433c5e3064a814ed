/** A rate: at most this much is started in any stretch of time, see {@link RateLimiter}. */
export interface RateLimit {
  /** How much may start per `interval`: tasks, or what they cost. A finite number above 0. */
  readonly limit: number;
  /** Milliseconds. Finite, above 0. */
  readonly interval: number;
  /**
   * How much may start at once after a silence. A finite number, 1 or more. Default 1: starts are evenly spaced. In any `t` ms at most
   * `burst + t × limit ÷ interval` starts.
   */
  readonly burst?: number | undefined;
}

/** What a count forgives, in ms: sums of fractions are not exact. */
const EPSILON = 1e-6;

/** What is beyond all numbers comes as late as a number can say: `Infinity` times 0 or less itself would let all pass. */
const finite = (ms: number): number => Math.min(ms, Number.MAX_VALUE);

/**
 * Several rates at once, each by the generic cell rate algorithm (GCRA; ATM Forum, Traffic Management Specification 4.0, 1996): its whole
 * state is the theoretical arrival time (TAT), when the next start would come if all were evenly spaced.
 *
 * ```
 *   T = interval ÷ limit                       a start of cost c may come at TAT - (burst - c) × T, and moves TAT
 *   ──┬──────┬──────┬──────┬──▶ time           from the later of itself and now by c × T
 *     T      T      T     TAT
 * ```
 *
 * What costs more than `burst` may start when nothing else is owed, and is paid off afterwards. It keeps no list, so its
 * memory is a number, and a start costs O(1).
 */
export class RateLimiter {
  readonly #rates: readonly { readonly spacing: number; readonly burst: number; tat: number }[];

  constructor(limits: readonly RateLimit[]) {
    this.#rates = limits.map(({ limit, interval, burst = 1 }) => ({
      spacing: finite(interval / limit),
      burst,
      tat: -Infinity,
    }));
  }

  /** From when on something of that cost may start; what is free, always. */
  opensAt(cost: number): number {
    if (cost === 0) return -Infinity;
    const at = this.#rates.map(({ spacing, burst, tat }) => tat - Math.max(0, burst - cost) * spacing);
    return Math.max(...at);
  }

  /** Something of that cost starts. */
  take(cost: number, now: number): void {
    for (const rate of this.#rates) rate.tat = finite(Math.max(rate.tat, now) + cost * rate.spacing);
  }

  /** When all is as if nothing had ever started. */
  get restsAt(): number {
    return Math.max(...this.#rates.map(({ tat }) => tat));
  }

  /** How many of that cost may start from now on until then. */
  count(now: number, until: number, cost: number): number {
    if (cost === 0) return Infinity;
    const counts = this.#rates.map(({ spacing, burst, tat }) => {
      const tolerance = Math.max(0, burst - cost) * spacing;
      return Math.floor((until - Math.max(tat, now) + tolerance + EPSILON) / finite(cost * spacing)) + 1;
    });
    return Math.max(0, Math.min(...counts));
  }

  /** How much may start per second in the long run. */
  get perSecond(): number {
    return Math.min(...this.#rates.map(({ spacing }) => 1000 / spacing));
  }

  /** How much may start at once at most. */
  get burst(): number {
    return Math.min(...this.#rates.map(({ burst }) => burst));
  }
}
