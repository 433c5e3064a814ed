/** A number for people: `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** How often in a second, in a minute or in an hour, whichever is readable. */
export function formatRate(perSecond: number): string {
  const { times, unit } = rateUnitOf(perSecond);
  return `${formatCount(Number((perSecond * times).toPrecision(3)))}/${unit}`;
}

/** The unit in which a rate is a number of 1 or more, if there is one. */
export function rateUnitOf(perSecond: number): { readonly times: number; readonly unit: string } {
  if (perSecond >= 1 || perSecond === 0) return { times: 1, unit: 's' };
  return perSecond * 60 >= 1 ? { times: 60, unit: 'min' } : { times: 3_600, unit: 'h' };
}

/** A number of things: `1 item`, `1,234 items`. */
export function countOf(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}
