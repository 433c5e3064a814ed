// Where V8's collector stands when a measurement begins. It empties new space when that is 80 % full, and a burst that is
// interrupted by it, with all its tasks alive, takes up to twice as long. Whoever allocates 13 MB a burst meets it between
// bursts, where no time is taken, and whoever allocates 11 MB in the midst of every second one. So each measurement begins with new
// space filled to another degree, evenly from empty to full, and the mean of them is what a burst costs at any time.

import { nextTurn } from '../kit/measure.mjs';

/** What fits into new space before it is collected. */
const ROOM = 0.8 * 16 * 2 ** 20;
/** Flags of a child: new space begins as large as it gets, as in a process that has been up for a while. */
export const FLAGS = ['--min-semi-space-size=16', '--expose-gc'];

const PIECE = 1_024;
/** Small enough that a collection comes when it is due. */
const PIECES_A_TURN = 64;
/** Multiples of the golden ratio fill the unit interval evenly, however many there are. */
const STEP = (Math.sqrt(5) - 1) / 2;

/** What is thrown away; read by nobody, written lest it be optimised away. */
export let garbage;

/** Moves the collector on, by another part of its way each time: `index` counts. */
export async function moveCollector(index) {
  let left = Math.round((((index * STEP) % 1) * ROOM) / (PIECE * 8));
  while (left > 0) {
    for (let piece = Math.min(left, PIECES_A_TURN); piece > 0; piece -= 1) garbage = PIECES.slice();
    left -= PIECES_A_TURN;
    await nextTurn();
  }
}

const PIECES = Array.from({ length: PIECE }, () => 0);

/** Bytes of heap in use, without garbage. */
export async function usedHeap() {
  await nextTurn();
  globalThis.gc();
  await nextTurn();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
