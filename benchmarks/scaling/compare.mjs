// The laws on one load with one seed.

import { bestFixed } from './best.mjs';
import { figuresOf, percentile, waitsByPriority } from './figures.mjs';
import { capping, laws } from './laws.mjs';
import { loadCalled } from './loads.mjs';
import { oracle } from './oracle.mjs';
import { simulate } from './simulate.mjs';
import { tasksOf } from './tasks.mjs';

/** Called in a thread. The figures of each law by its name, and what they are compared with. */
export function compare(name, seed) {
  const load = loadCalled(name);
  return load.overload === undefined ? compareOrdinary(load, seed) : compareOverload(load, seed);
}

/** `{ oracle, laws: { tasker, … }, isSame }`: whether "growth must pay" makes no difference at all. */
async function compareOrdinary(load, seed) {
  const tasks = tasksOf(load, seed);
  const { waits, ends, cost } = oracle(load, tasks);
  const best = {
    wait: percentile(waits, 0.99),
    waits: waitsByPriority(tasks, waits),
    cost,
    drained: percentile(ends, 1),
  };
  const { figures, courses } = await runAll(load, seed, laws);
  for (const each of Object.values(figures)) {
    each.overOracle = each.cost / cost;
    each.overSeed = each.cost / figures.seed.cost;
  }
  return { oracle: best, laws: figures, isSame: courses.tasker === courses.unpaid };
}

/** `{ best, laws: { tasker, … } }`: without a bottleneck the best number would be the highest, and `best` is undefined. */
async function compareOverload(load, seed) {
  const best = load.bottleneck && bestFixed(load, tasksOf(load, seed));
  const { figures } = await runAll(load, seed, capping);
  return { best, laws: figures };
}

/** The figures of these laws by their names, and what happened when: the same text for the same course. */
async function runAll(load, seed, laws) {
  const figures = {};
  const courses = {};
  for (const law of laws) {
    const run = await simulate(load, seed, law);
    figures[law.name] = figuresOf(load, run);
    courses[law.name] = JSON.stringify([[...run.meter.ends], run.meter.changes]);
  }
  return { figures, courses };
}
