// A resource that takes 100 ms to make, as a connection or a browser page does, and work that takes 5 ms with it.

import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Each resource that was made leaves the number of its process there. */
const { MADE = '' } = process.env;

export async function makeResource() {
  await setTimeout(100);
  appendFileSync(MADE, `${process.pid}\n`);
  return { double: async (item) => setTimeout(5, item * 2) };
}
