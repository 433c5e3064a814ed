// Of samples, which are finite numbers, at least one.

export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median absolute deviation: half of the samples are no farther from the median than this. */
export function deviation(samples) {
  const center = median(samples);
  return median(samples.map((sample) => Math.abs(sample - center)));
}
