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

/** The mean time of a creation, and of a task that comes at the beginning and runs alone. */
export const meanCreation = (load) => mean(load.creation(sourceOf(0, 'mean of creations')));
export const meanService = (load) => mean(load.service(sourceOf(0, 'mean of services')));

function mean(sample) {
  const samples = Array.from({ length: 1_000 }, () => sample(0));
  return samples.reduce((sum, each) => sum + each, 0) / samples.length;
}
