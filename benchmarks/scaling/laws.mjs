// The laws that are compared: tasker's first. A law is `{ name, title, open }`; `open({ load, clock, hooks })` resolves
// with `{ submit(run, priority), close() }` once the base workers are up.

import keda from './laws/keda.mjs';
import knative from './laws/knative.mjs';
import noneIdle from './laws/none-idle.mjs';
import seed from './laws/seed.mjs';
import tasker from './laws/tasker.mjs';

export const laws = [tasker, seed, noneIdle, knative, keda];

/** The law of that name; throws and names all if there is none. */
export function lawCalled(name) {
  const law = laws.find((each) => each.name === name);
  if (!law) throw new Error(`no law is called ${name}; there are ${laws.map((each) => each.name).join(', ')}`);
  return law;
}
