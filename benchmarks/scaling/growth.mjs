// "Growth must pay", judged: what tasker reaches above the load that the workers can do, beside the best fixed number of running
// tasks and beside itself without that rule; and that it does not make itself felt on any other load.

import { percentile } from './figures.mjs';

/** Ordinary loads on which the rule may make a difference at all, and the most that it may cost there. */
const MOST_DIFFERENT = 1;
const MOST_RESPONSE = 1.02;

/** Of an odd number of runs; the kit's has no place for what is never reached. */
export const median = (values) => percentile(values, 0.5);

const ratio = (figure) => (run, law) => run.laws[law][figure] / run.laws.unpaid[figure];

/** How to make a value of the figure from a run and the name of a law, and which of five counts. */
const FIGURES = {
  throughput: { of: (run, law) => run.laws[law].throughput / run.best.throughput, over: 'worst', atLeast: true },
  running: { of: (run, law) => run.laws[law].running / run.best.knee, over: 'median' },
  cost: { of: ratio('cost'), over: 'median' },
  response: { of: ratio('response'), over: 'median' },
  open: { of: (run, law) => run.laws[law].open, over: 'worst' },
};

/**
 * The cells of a load for a law: for each of {@link FIGURES} `{ value, median, limit, verdict }`; the limit, and with it the verdict,
 * is undefined where there is none. Without a bottleneck there is no best number.
 */
export function judgeGrowth(load, runs, law = 'tasker') {
  const limits = { ...load.limits, open: 0 };
  const cells = Object.entries(FIGURES)
    .filter(([figure]) => load.bottleneck !== undefined || !['throughput', 'running'].includes(figure))
    .map(([figure, { of, over, atLeast = false }]) => {
      const values = runs.map((run) => of(run, law));
      const worst = atLeast ? Math.min(...values) : Math.max(...values);
      const value = over === 'worst' ? worst : median(values);
      const limit = limits[figure];
      const isMet = atLeast ? value >= limit : value <= limit;
      return [
        figure,
        {
          value,
          median: median(values),
          limit,
          atLeast,
          verdict: limit === undefined ? undefined : isMet ? 'ok' : 'MISSED',
        },
      ];
    });
  return Object.fromEntries(cells);
}

/** The median over the runs of p99 response ÷ that without the rule. */
export const responseOf = (runs, law) => median(runs.map((run) => ratio('response')(run, law)));

/** The ordinary loads: `{ different, worst, verdict }`, those on which the rule changes anything, and the highest response ÷ without. */
export function judgeOrdinary(results) {
  const different = results.filter(({ runs }) => runs.some((run) => !run.isSame)).map(({ load }) => load.name);
  const worst = Math.max(...results.map(({ runs }) => responseOf(runs, 'tasker')));
  const isMet = different.length <= MOST_DIFFERENT && worst <= MOST_RESPONSE;
  return { different, worst, count: results.length, verdict: isMet ? 'ok' : 'MISSED' };
}
