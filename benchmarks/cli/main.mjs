// Runs the command `tasker`, and what one would take instead of it, and prints what they take.
//
//   WORD …          only the workloads with one of these in their name
//   --rounds N      instead of 3
//
// A whole run writes docs/cli-figures.md.

import { parseArgs } from 'node:util';
import { loadFolder, takeTurns } from '../kit/contest.mjs';
import { summarize } from '../kit/figures.mjs';
import { describeMachine } from '../kit/machine.mjs';
import { positive } from '../kit/options.mjs';
import { writePage } from '../kit/pages.mjs';
import { toTargetTable } from '../kit/targets.mjs';
import { toPage, toTables } from './report.mjs';
import { judge } from './targets.mjs';

const ROUNDS = 3;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' } },
});
const isWhole = words.length === 0 && options.rounds === undefined;
const rounds = positive('rounds', options.rounds, ROUNDS);

const machine = describeMachine();
const workloads = /** @type {any[]} */ (await loadFolder(new URL('workloads/', import.meta.url))).filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (workloads.length === 0) throw new Error(`no workload is called ${words.join(' or ')}`);

const { runs, failures } = await takeTurns(workloads, rounds, async ({ measure }, contestant) =>
  measure(contestant).then(
    (value) => ({ value }),
    (error) => ({ failure: error.message }),
  ),
);
const summaries = summarize(workloads, runs);
const targets = judge(summaries);
console.log(`${toTables(summaries, workloads)}\n\n${toTargetTable(targets)}`);
for (const failure of failures) console.error(failure);
if (isWhole) writePage('docs/cli-figures.md', toPage({ machine, summaries, workloads, targets, failures }));
