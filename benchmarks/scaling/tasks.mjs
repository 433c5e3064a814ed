// The tasks of a load: the same for every law.

import { sourceOf } from './random.mjs';

/** All tasks as `{ at, service, priority }`, by the instant of their arrival. */
export function tasksOf(load, seed) {
  const kinds = Array.isArray(load.arrivals) ? load.arrivals : [{ priority: 0, arrivals: load.arrivals }];
  return kinds
    .flatMap(({ priority, arrivals }) => {
      const service = load.service(sourceOf(seed, `service ${priority}`));
      const instants = arrivals(sourceOf(seed, `arrivals ${priority}`), load.horizon);
      return instants.map((at) => ({ at, service: service(at), priority }));
    })
    .toSorted((a, b) => a.at - b.at);
}

/** The mean time of a creation. */
export function meanCreation(load) {
  const sample = load.creation(sourceOf(0, 'mean of creations'));
  const samples = Array.from({ length: 1_000 }, () => sample());
  return samples.reduce((sum, each) => sum + each, 0) / samples.length;
}
