// When tasks arrive: functions of a source and the horizon that return instants in ms, in order.

import { randomExponential, randomUniform } from 'd3-random';

/**
 * A Poisson process. The rate, tasks per second, is a number or a function of the second; then `peak` is its highest
 * value, and arrivals at that rate are thinned (Lewis and Shedler, 1979).
 */
export const poisson =
  (rate, peak = rate) =>
  (source, horizon) => {
    const rateAt = typeof rate === 'number' ? () => rate : rate;
    const gap = randomExponential.source(source)(peak / 1_000);
    const instants = [];
    for (let now = gap(); now < horizon; now += gap()) {
      if (source() * peak < rateAt(now / 1_000)) instants.push(now);
    }
    return instants;
  };

/** So many tasks at once at the start, and no more. */
export const spike = (size) => () => Array.from({ length: size }, () => 0);

/** So many tasks at once about every so many ms: spread over 100 ms, since a load knows nothing of anybody's ticks. */
export const bursts = (size, every) => (source, horizon) => {
  const delay = randomUniform.source(source)(100);
  return Array.from({ length: Math.ceil(horizon / every) }, (_, index) => index * every + delay()).flatMap((instant) =>
    Array.from({ length: size }, () => instant),
  );
};
