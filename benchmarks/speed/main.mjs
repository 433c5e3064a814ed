// Runs every contestant in every workload and prints what they take.
//
//   --only WORD     only the workloads with WORD in their name; may be repeated
//   --rival NAME    only this rival, beside the floor and tasker; may be repeated
//   --rounds N      instead of 7
//   --quick         3 rounds, at most 100,000 tasks
//   --tasker PATH   another built core, such as one of an earlier commit, as a contestant `tasker@PATH`; may be repeated
//   --write         writes the table of the README, too
//
// Only a whole run writes: speed/results.json, docs/speed-figures.md, docs/images/speed.svg, and the README.

import { parseArgs } from 'node:util';
import { loadWorkloads, runContestant } from './contest.mjs';
import { entryOf, freezeCore } from './cores.mjs';
import { describeMachine, versionsOf } from './machine.mjs';
import { toTable, toTargetTable } from './report.mjs';
import { summarize } from './summary.mjs';
import { judge } from './targets.mjs';
import { writeReadme, writeReport } from './write.mjs';

const FEW_TASKS = 100_000;
const MANY_TASKS = 1_000_000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rival: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    tasker: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const { only, rival, quick } = options;
const isWhole = only === undefined && rival === undefined && options.tasker.length === 0 && !quick;
const rounds = Number(options.rounds ?? (quick ? 3 : 7));
if (!(Number.isInteger(rounds) && rounds > 0))
  throw new Error(`--rounds must be a positive integer, got ${options.rounds}`);
if (options.write && !isWhole) throw new Error('--write must come without --only, --rival, --tasker and --quick');

const workloads = (await loadWorkloads()).filter(
  ({ file }) => only === undefined || only.some((word) => file.includes(word)),
);
if (workloads.length === 0) throw new Error(`no workload is called ${only.join(' or ')}`);

const machine = describeMachine();
if (machine.load > machine.cores / 4) {
  console.error(
    `Others use this machine (load ${machine.load.toFixed(1)}): times and ratios will be wrong where they vary.`,
  );
}
const core = freezeCore();
const others = options.tasker.map((path) => ({ name: `tasker@${path}`, contestant: 'tasker', core: entryOf(path) }));
const isWanted = (name) => rival === undefined || name === 'floor' || name.startsWith('tasker') || rival.includes(name);

/** Those who take part, `{ name, contestant, core, place }`; in each round another one is first. */
function lineUp({ contestants }, round) {
  const all = contestants
    .filter(isWanted)
    .flatMap((name) => [{ name, contestant: name, core }, ...(name === 'tasker' ? others : [])])
    .map((entry, place) => ({ ...entry, place }));
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

const startedAt = performance.now();
const runs = [];
const failures = new Map();
for (let round = 0; round < rounds; round += 1) {
  const isThird = round % 3 === 0;
  for (const { file, workload } of workloads) {
    if (round >= (workload.rounds ?? Infinity)) continue;
    for (const { name, contestant, place, core } of lineUp(workload, round)) {
      const what = `${name} in ${file.replace('.mjs', '')}`;
      if (failures.has(what)) continue;
      // What takes long is done in every third round: a large number of tasks varies less anyway.
      const mostTasks = quick || !isThird ? FEW_TASKS : MANY_TASKS;
      const { values, failure } = await runContestant({ file, contestant, core, mostTasks });
      if (failure === undefined) runs.push({ file, contestant: name, place, round, values });
      else failures.set(what, failure);
    }
  }
  console.error(
    `round ${round + 1} of ${rounds}: ${Math.round((performance.now() - startedAt) / 1_000)} s since the start`,
  );
}

const summaries = summarize(workloads, runs);
const targets = judge(summaries);
console.log('Median ± median absolute deviation (times the floor, times tasker).');
for (const summary of summaries) console.log(`\n${summary.title}\n${toTable(summary)}`);
if (targets.length > 0) console.log(`\n${toTargetTable(targets)}`);
for (const [what, failure] of failures) console.error(`${what} failed: ${failure}`);

if (isWhole) {
  const names = [...new Set(summaries.flatMap(({ contestants }) => contestants))];
  const contestants = await Promise.all(names.map((name) => import(`./contestants/${name}.mjs`)));
  const versions = versionsOf([...new Set(contestants.flatMap(({ packages = [] }) => packages))]);
  const notes = [
    ...contestants.flatMap(({ note = [] }) => note),
    ...[...failures].map(([what, failure]) => `${what} failed: ${failure}`),
  ];
  const report = { machine, versions, rounds, notes, targets, summaries };
  writeReport(report);
  if (options.write) writeReadme(report);
}
