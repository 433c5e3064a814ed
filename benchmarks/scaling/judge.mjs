// Whether tasker reaches the figures it should.

import { median } from '../kit/statistics.mjs';
import { meanCreation } from './tasks.mjs';

/** The figures that may have limits, in the order of the table. */
export const FIGURES = ['wait', 'overOracle', 'overSeed', 'creations'];

/** Sums of fractions come out a little different each time. Worker-seconds. */
const ROUNDING = 1e-6;

/**
 * The cells of a load: for each of {@link FIGURES} `{ median, worst, limit, verdict }` over all runs, the limit and with it the
 * verdict undefined if there is none. The worst decides. `as` tells which figure stands in the column of waits: what
 * matters in a spike is when it is over, and in an outage when the next worker is up.
 */
export function judge(load, runs) {
  return Object.fromEntries(
    FIGURES.map((column) => {
      const as =
        column === 'wait' ? (['drained', 'recovered'].find((figure) => figure in load.limits) ?? column) : column;
      const cells = runs.map((run) => judgeRun(load, run, as));
      const worst = cells.reduce((a, b) => (b.value - (b.limit ?? 0) > a.value - (a.limit ?? 0) ? b : a));
      const verdict = cells.find((cell) => cell.verdict === 'MISSED')?.verdict ?? worst.verdict;
      return [
        column,
        { as, median: median(cells.map(({ value }) => value)), worst: worst.value, limit: worst.limit, verdict },
      ];
    }),
  );
}

function judgeRun(load, { oracle, laws }, figure) {
  const { [figure]: value, cost } = laws.tasker;
  const limit = limitOf(load, oracle, figure);
  if (limit === undefined) return { value, limit, verdict: undefined };
  if (value <= limit) return { value, limit, verdict: 'ok' };
  // Less than the base workers all the time cannot be.
  const floor = (load.config.workerCount * load.horizon) / 1_000;
  const isLeast = figure.startsWith('over') && cost <= floor + ROUNDING;
  return { value, limit, verdict: isLeast ? 'least' : 'MISSED' };
}

function limitOf(load, oracle, figure) {
  const limit = load.limits[figure];
  if (limit === undefined) return undefined;
  if (figure === 'drained') return limit * oracle.drained + meanCreation(load);
  if (figure === 'recovered') return limit + meanCreation(load);
  return limit;
}

/** What may never happen, in words: a resource too many, a task lost, a manager that does not come to rest. */
export function violationsOf(load, runs) {
  return runs.flatMap(({ laws: { tasker } }) => {
    const words = [...tasker.violations];
    const { workerCount, maxWorkerCount } = load.config;
    if (tasker.peak > maxWorkerCount) words.push(`${tasker.peak} resources, where ${maxWorkerCount} is the limit`);
    const { resources, timers } = tasker.left;
    if (resources !== workerCount) words.push(`${resources} resources long after the last task, not ${workerCount}`);
    if (timers > 0) words.push(`${timers} timers armed long after the last task`);
    return words.map((each) => `${load.name}: ${each}`);
  });
}
