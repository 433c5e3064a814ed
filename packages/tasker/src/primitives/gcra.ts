/** A rate limit: at most this much starts in any stretch of time; see {@link RateLimiter}. */
export interface RateLimit {
  /** How much may start per `interval`: tasks, or what they {@link Cost | cost}. A finite number above 0. */
  readonly limit: number;
  /** Length of the interval, in ms. A finite number above 0. */
  readonly interval: number;
  /**
   * How much may start at once after a quiet time. A finite number, 1 or more. Default 1: starts are evenly spaced. At
   * most `burst + t × limit ÷ interval` starts in any `t` ms.
   */
  readonly burst?: number | undefined;
  /**
   * What is counted, such as `'tokens'`; a task says how many it takes with `cost: { tokens: 1_200 }`. Default: starts.
   */
  readonly unit?: string | undefined;
}

/**
 * What a start takes: a number counts for every limit; an object gives an amount for each unit, and 1 for units that it
 * does not name and for limits without a unit.
 */
export type Cost = number | Readonly<Record<string, number>>;

/** The unit of a limit that has none. */
export const STARTS = '';

/** Of a known cost, which names every unit. */
const costIn = (cost: Cost, unit: string): number => (typeof cost === 'number' ? cost : (cost[unit] ?? 1));

/** The least that the next one may cost, as far as this one tells. */
export function atMostOne(cost: Cost): Cost {
  if (typeof cost === 'number') return Math.min(1, cost);
  return Object.fromEntries(Object.entries(cost).map(([unit, each]) => [unit, Math.min(1, each)]));
}

/** Weight of the newest start in the mean cost, once there were many. */
const COST_WEIGHT = 0.05;

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
 * Something that costs more than `burst` may start when nothing is owed; what it owes then keeps others back. No list is kept: the
 * memory is a number for each rate, and a start costs O(1).
 */
export class RateLimiter {
  readonly #rates: readonly {
    readonly unit: string;
    readonly spacing: number;
    readonly burst: number;
    tat: number;
    meanCost: number;
  }[];
  #taken = 0;

  constructor(limits: readonly RateLimit[]) {
    this.#rates = limits.map(({ limit, interval, burst = 1, unit = STARTS }) => ({
      unit,
      spacing: finite(interval / limit),
      burst,
      tat: -Infinity,
      meanCost: 1,
    }));
  }

  /** From when on something of that cost may start, by default of the mean cost so far; what is free, always. */
  opensAt(cost: Cost | undefined): number {
    let latest = -Infinity;
    for (const { unit, spacing, burst, tat, meanCost } of this.#rates) {
      const taken = cost === undefined ? meanCost : costIn(cost, unit);
      if (taken > 0) latest = Math.max(latest, tat - Math.max(0, burst - taken) * spacing);
    }
    return latest;
  }

  /** Something of that cost starts. */
  take(cost: Cost, now: number): void {
    const weight = Math.max(COST_WEIGHT, 1 / ++this.#taken);
    for (const rate of this.#rates) {
      const taken = costIn(cost, rate.unit);
      rate.tat = finite(Math.max(rate.tat, now) + taken * rate.spacing);
      rate.meanCost += (taken - rate.meanCost) * weight;
    }
  }

  /** When all is as if nothing had ever started. */
  get restsAt(): number {
    return Math.max(...this.#rates.map(({ tat }) => tat));
  }

  /** How many may start from now on until then, if they cost what those before have cost in the mean. */
  count(now: number, until: number): number {
    const counts = this.#rates.map(({ spacing, burst, tat, meanCost }) => {
      if (meanCost === 0) return Infinity;
      const tolerance = Math.max(0, burst - meanCost) * spacing;
      return Math.floor((until - Math.max(tat, now) + tolerance + EPSILON) / finite(meanCost * spacing)) + 1;
    });
    return Math.max(0, Math.min(...counts));
  }

  /** How many of them may start per second in the long run. */
  get perSecond(): number {
    return Math.min(...this.#rates.map(({ spacing, meanCost }) => 1000 / spacing / meanCost));
  }

  /** How much may start at once at most. */
  get burst(): number {
    return Math.min(...this.#rates.map(({ burst }) => burst));
  }
}
