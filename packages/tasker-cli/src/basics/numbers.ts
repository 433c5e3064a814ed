/** A number for people: `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** A rate for people: `184/s`, `9.5/s`, `0.04/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return `${formatCount(Math.round(perSecond))}/s`;
  return `${Number(perSecond.toPrecision(2))}/s`;
}
