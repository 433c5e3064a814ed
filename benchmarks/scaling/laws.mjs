// The laws that are compared: tasker's first. A law is `{ name, title, open }`; `open({ load, clock, hooks })` resolves
// with `{ submit(run, priority), close() }` once the base workers are up.

import aimd from './limiters/aimd.mjs';
import gradient2 from './limiters/gradient2.mjs';
import vegas from './limiters/vegas.mjs';
import keda from './laws/keda.mjs';
import knative from './laws/knative.mjs';
import noneIdle from './laws/none-idle.mjs';
import seed from './laws/seed.mjs';
import tasker from './laws/tasker.mjs';
import unpaid from './laws/unpaid.mjs';

/** How many workers there are. */
export const sizing = [tasker, seed, noneIdle, knative, keda];

/** How many tasks run, beside tasker's law for the workers: without a limit, and with one of each limiter. */
export const capping = [tasker, unpaid, vegas, gradient2, aimd];

export const laws = [...new Set([...sizing, ...capping])];

/** The law of that name; throws and names all if there is none. */
export function lawCalled(name) {
  const law = laws.find((each) => each.name === name);
  if (!law) throw new Error(`no law is called ${name}; there are ${laws.map((each) => each.name).join(', ')}`);
  return law;
}
