// Contestants in cells, an API with a load each, every run in a process of its own. As many at a time as there are cores: time is
// virtual, so that they don't disturb each other. What runs them is a manager of tasker.

import { availableParallelism } from 'node:os';
import { createTaskManager } from 'tasker';
import { runChild } from '../kit/contest.mjs';
import { apis } from './apis.mjs';
import { loads } from './loads.mjs';

/** Who has got nowhere in so many ms hangs in a way that the virtual clock does not see. */
const TIME_LIMIT = 120_000;

/** All cells: `{ name, api, load }`. */
export const cells = apis.flatMap((api) => loads.map((load) => ({ name: `${api.name}/${load.name}`, api, load })));

/**
 * Resolves with the cells, each with its `rows`: `{ contestant, runs }`, a run for each seed as `simulate.mjs` gives it. Whoever
 * fails to end a run has no runs, but a `failure`.
 */
export async function contest(chosen, contestants, seeds, { isReal = false, atOnce = availableParallelism() } = {}) {
  const manager = await createTaskManager({ workerCount: atOnce, maxWorkerCount: atOnce });
  const runOne = (cell, contestant, seed) =>
    manager.queueTask(() => {
      const argument = { api: cell.api.name, load: cell.load.name, contestant, seed, isReal };
      return runChild(new URL('child.mjs', import.meta.url), argument, { timeLimit: TIME_LIMIT });
    });
  const runRow = async (cell, contestant) => {
    const outcomes = await Promise.all(seeds.map((seed) => runOne(cell, contestant, seed)));
    const failure = outcomes.find((outcome) => outcome.failure !== undefined)?.failure;
    return { contestant, failure, runs: failure === undefined ? outcomes.map(({ value }) => value) : [] };
  };
  const runCell = async (cell) => ({
    ...cell,
    rows: await Promise.all(contestants.map((contestant) => runRow(cell, contestant))),
  });
  try {
    return await Promise.all(chosen.map(runCell));
  } finally {
    await manager.kill();
  }
}
