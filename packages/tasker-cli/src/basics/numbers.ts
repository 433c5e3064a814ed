/** A number for people: `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** A rate for people: `184/s`, `9.5/s`, `0.04/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return `${formatCount(Math.round(perSecond))}/s`;
  return `${Number(perSecond.toPrecision(2))}/s`;
}

/** A number of things: `1 item`, `1,234 items`. */
export function countOf(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}
