// All laws on one load with one seed.

import { figuresOf, percentile, waitsByPriority } from './figures.mjs';
import { laws } from './laws.mjs';
import { loadCalled } from './loads.mjs';
import { oracle } from './oracle.mjs';
import { simulate } from './simulate.mjs';
import { tasksOf } from './tasks.mjs';

/** Called in a thread. The figures of the oracle and of each law, by its name: `{ oracle, laws: { tasker, … } }`. */
export async function compare(name, seed) {
  const load = loadCalled(name);
  const tasks = tasksOf(load, seed);
  const { waits, ends, cost } = oracle(load, tasks);
  const best = {
    wait: percentile(waits, 0.99),
    waits: waitsByPriority(tasks, waits),
    cost,
    drained: percentile(ends, 1),
  };
  const figures = {};
  for (const law of laws) figures[law.name] = figuresOf(load, await simulate(load, seed, law));
  for (const each of Object.values(figures)) {
    each.overOracle = each.cost / cost;
    each.overSeed = each.cost / figures.seed.cost;
  }
  return { oracle: best, laws: figures };
}
