// Randomness that comes out the same for the same seed. The distributions are those of d3-random.

import { createHash } from 'node:crypto';
import { randomExponential, randomLcg, randomLogNormal, randomPareto, randomUniform } from 'd3-random';

/**
 * A source of numbers in [0, 1) of its own for each purpose: another law draws more creations, and must not meet other
 * tasks because of it.
 */
export function sourceOf(seed, purpose) {
  return randomLcg(createHash('sha256').update(`${purpose} ${seed}`).digest().readUInt32LE());
}

/** Distributions of durations in ms; each is a function of a source that returns a sampler. */
export const always = (ms) => () => () => ms;

export const uniform = (from, to) => (source) => randomUniform.source(source)(from, to);

export const exponential = (mean) => (source) => randomExponential.source(source)(1 / mean);

/** With this mean; `sigma` is the deviation of the logarithm. */
export const logNormal = (mean, sigma) => (source) =>
  randomLogNormal.source(source)(Math.log(mean) - sigma ** 2 / 2, sigma);

/** With this mean before it is capped: half of the tasks are shorter than 0.53 of the mean if alpha is 1.5. */
export const pareto = (mean, alpha, cap) => (source) => {
  const sample = randomPareto.source(source)(alpha);
  return () => Math.min(cap, (sample() * mean * (alpha - 1)) / alpha);
};

/** `before` until the instant `at`, then `after`: the sampler is given the instant. */
export const shift = (at, before, after) => (source) => {
  const samplers = [before(source), after(source)];
  return (now) => (now < at ? samplers[0]() : samplers[1]());
};
