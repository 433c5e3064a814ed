// Of samples, which are finite numbers, at least one.

/**
 * The value below which this part of the samples lies, interpolated between two of them.
 * @param {readonly number[]} samples
 * @param {number} part
 */
export function quantile(samples, part) {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const [low = NaN, high = low] = sorted.slice(below, below + 2);
  return low + (high - low) * (place - below);
}

/** @param {readonly number[]} samples */
export const median = (samples) => quantile(samples, 0.5);

/** @param {readonly number[]} samples */
export const mean = (samples) => samples.reduce((sum, each) => sum + each, 0) / samples.length;

/**
 * What processes take when the machine disturbs them least: other work only adds to a time.
 * @param {readonly number[]} samples
 */
export const undisturbed = (samples) => quantile(samples, 0.1);

const DRAWS = 1_000;
/** This part of the draws lies outside of a bracket, on each side. */
const OUTSIDE = 0.05;

/**
 * How sure `statistic` of the samples is (a bootstrap): of {@link DRAWS} draws of as many samples, put back each time, nine of
 * ten give a value within. The draws are the same each time.
 * @template T
 * @param {readonly T[]} samples
 * @param {(samples: readonly T[]) => number} statistic
 * @returns {readonly [low: number, high: number]}
 */
export function bracket(samples, statistic) {
  let state = 1;
  const draw = () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    const at = Math.floor(((state >>> 0) / 2 ** 32) * samples.length);
    return samples.slice(at, at + 1);
  };
  const values = Array.from({ length: DRAWS }, () => statistic(samples.flatMap(draw)));
  return [quantile(values, OUTSIDE), quantile(values, 1 - OUTSIDE)];
}
