// Prints what a task costs while something looks at its manager.
//
//   WORD …          only the contestants with one of these in their name
//   --rounds N      instead of 9

import { parseArgs } from 'node:util';
import { runChild, takeTurns } from '../kit/contest.mjs';
import { describeMachine } from '../kit/machine.mjs';
import { positive } from '../kit/options.mjs';
import { median } from '../kit/statistics.mjs';
import { alignTable, rounded } from '../kit/table.mjs';
import { CONTESTANTS } from './contestants.mjs';

const ROUNDS = 9;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' } },
});
const contestants = Object.keys(CONTESTANTS).filter(
  (name) => words.length === 0 || name === 'nothing' || words.some((word) => name.includes(word)),
);
const rounds = positive('rounds', options.rounds, ROUNDS);

const { runs, failures } = await takeTurns([{ name: 'telemetry', contestants }], rounds, (_event, contestant) =>
  runChild(new URL('child.mjs', import.meta.url), { contestant }, { timeLimit: 60_000 }),
);
const timesOf = (/** @type {string} */ name) =>
  runs.filter(({ contestant }) => contestant === name).map(({ value }) => Number(value));
const base = timesOf('nothing');
const rows = contestants
  .filter((name) => timesOf(name).length > 0)
  .map((name) => [
    name,
    rounded(median(timesOf(name))),
    rounded(Math.min(...timesOf(name))),
    rounded(median(timesOf(name)) - median(base)),
  ]);
const { cpu, cores, load, node, tasker } = describeMachine();
console.log(`${tasker}, Node ${node}, ${cores} cores of ${cpu}, load ${load}\n`);
console.log(alignTable([['looks at the manager', 'µs per task', 'least', 'more than nothing'], ...rows]));
for (const failure of failures) console.error(failure);
