const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Round durations, each a multiple of the one before. */
const WIDTHS = [
  ...[1, 5, 10, 50, 100, 500],
  ...[1, 5, 10, 30].map((n) => n * SECOND),
  ...[1, 5, 10, 30].map((n) => n * MINUTE),
  ...[1, 2, 6, 12].map((n) => n * HOUR),
  DAY,
];

/** The next round duration, a multiple of the one that is given. */
export function nextWidth(width: number): number {
  return WIDTHS.find((next) => next > width) ?? width * 2;
}
