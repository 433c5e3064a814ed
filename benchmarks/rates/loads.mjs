// When tasks come: each load is a function of a source that returns instants in ms, in order.

import { poisson, spike } from '../scaling/arrivals.mjs';

const HORIZON = 80_000;

export const loads = [
  { name: 'at-once', title: '3,000 at once', arrivals: spike(3_000) },
  { name: 'stream', title: '150/s for 80 s', arrivals: (source) => poisson(150)(source, HORIZON) },
];

/** The load of that name; throws and names all if there is none. */
export function loadCalled(name) {
  const load = loads.find((each) => each.name === name);
  if (!load) throw new Error(`no load is called ${name}; there are ${loads.map((each) => each.name).join(', ')}`);
  return load;
}
