// What the controller costs: the time of a task that does nothing, with scaling and without, in processes of their own.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './judge.mjs';

const ROUNDS = 9;
const WORKERS = 8;
const CHILD = fileURLToPath(new URL('cost-child.mjs', import.meta.url));
const PATTERNS = { 'at-once': '100,000 at once', loop: '64 in a closed loop' };

/** A table as text. */
export function compareCost() {
  const lines = [
    `Processor time of a task that does nothing: medians of ${ROUNDS} pairs of processes. Target: a ratio below 1.1.`,
  ];
  for (const [pattern, title] of Object.entries(PATTERNS)) {
    const pairs = Array.from({ length: ROUNDS }, () => measurePair(pattern));
    const of = (pick) => median(pairs.map(pick));
    lines.push(
      `${title}: off ${of(({ off }) => off.ns).toFixed(0)} ns, auto ${of(({ auto }) => auto.ns).toFixed(0)} ns ` +
        `(${of(({ auto }) => auto.workers)} workers), ratio ${of(({ off, auto }) => auto.ns / off.ns).toFixed(3)}`,
    );
  }
  return lines.join('\n');
}

/** One process after the other, with as many workers without scaling as there were with it in the end. */
function measurePair(pattern) {
  const auto = measure('auto', pattern, WORKERS);
  return { auto, off: measure('off', pattern, auto.workers) };
}

function measure(scaling, pattern, workers) {
  return JSON.parse(execFileSync(process.execPath, [CHILD, scaling, pattern, workers]).toString());
}
