/** A hundred years: more than anybody waits, and less than what the stores can count. */
const LONGEST = 3_155_760_000_000;

/** A duration as the stores take it: whole milliseconds. What is no number above 0 is 0. */
export function wholeMs(ms: number): number {
  return ms > 0 ? Math.min(Math.ceil(ms), LONGEST) : 0;
}
