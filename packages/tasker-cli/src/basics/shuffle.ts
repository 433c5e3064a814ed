/** The largest seed: 32 bits. */
export const MAX_SEED = 0xff_ff_ff_ff;

/** Shuffles a list in place; the same seed gives the same order. Source: Fisher and Yates, as Durstenfeld has it. */
export function shuffle(list: unknown[], seed: number): void {
  const random = mulberry32(seed);
  for (let end = list.length; end > 1; end--) {
    const taken = Math.floor(random() * end);
    [list[taken], list[end - 1]] = [list[end - 1], list[taken]];
  }
}

/** Numbers of 0 to below 1 that only look random. Source: Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
