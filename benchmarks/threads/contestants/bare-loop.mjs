// What the threads could do if nobody called them.

import { open as openBare } from './bare.mjs';

export function open(options) {
  const bare = openBare(options);
  return { loop: (calls, count) => bare.loop(calls, count), close: () => bare.close() };
}
