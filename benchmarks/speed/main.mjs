// Runs every contestant in every workload and prints what they take.
//
//   CELL …          only these workloads or cells: `loop`, `loop/64`, `ways/8`
//   --rival NAME    only this rival, beside the floor and tasker; may be repeated
//   --rounds N      instead of 9
//   --quick         5 rounds of `once/10000` and `loop/64`, or of the cells that are named, beside fastq alone
//   --tasker PATH   another built core, such as one of an earlier commit, as a contestant `tasker@PATH`; may be repeated
//   --write         writes the table of the README, too
//
// Only a whole run writes: speed/results.json, docs/speed-figures.md, docs/images/speed.svg, and the README.

import { parseArgs } from 'node:util';
import { loadFolder, runChild, takeTurns } from '../kit/contest.mjs';
import { partsOf } from '../kit/contestants.mjs';
import { entryOf, freezeCore } from '../kit/core.mjs';
import { summarize } from '../kit/figures.mjs';
import { describe, describeMachine } from '../kit/machine.mjs';
import { positive } from '../kit/options.mjs';
import { writePage, writePart, writeResults } from '../kit/pages.mjs';
import { ABOUT_BRACKETS, toTargetTable } from '../kit/targets.mjs';
import { toChart } from './chart.mjs';
import { FLAGS } from './collector.mjs';
import { FLOOR, OURS, YARDSTICK, contestants } from './contestants.mjs';
import { toPage, toReadmeTable, toTable } from './report.mjs';
import { judge } from './targets.mjs';

const TIME_LIMIT = 120_000;
/** Cases with more tasks are run in every third round: they vary less. */
const MANY_TASKS = 100_000;
const EVERY_THIRD = 3;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rival: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    tasker: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const { quick, rival = quick ? [YARDSTICK] : undefined } = options;
const wanted = positionals.length === 0 && quick ? ['once/10000', 'loop/64'] : positionals;
const isWhole = wanted.length === 0 && rival === undefined && options.tasker.length === 0;
const rounds = positive('rounds', options.rounds, quick ? 5 : 9);
if (options.write && !isWhole) throw new Error('--write must come without cells, --rival, --tasker and --quick');

const workloads = (await loadFolder(new URL('workloads/', import.meta.url))).map(choose).filter(hasCases);
if (workloads.length === 0) throw new Error(`nothing is called ${wanted.join(' or ')}`);

const machine = describeMachine();
const core = freezeCore();
const cores = new Map(options.tasker.map((path) => [`${OURS}@${path}`, entryOf(path)]));
const { runs, failures } = await takeTurns(workloads, rounds, run);
const summaries = summarize(workloads, runs);
const targets = judge(summaries);
console.log('µs, or bytes (times the floor, times tasker): less is better.');
for (const summary of summaries) console.log(`\n${summary.title}\n${toTable(summary)}`);
if (targets.length > 0) console.log(`\n${toTargetTable(targets)}\n\n${ABOUT_BRACKETS}`);
for (const failure of failures) console.error(failure);
if (isWhole) await write();

/** The workload with the contestants and cases that are wanted. */
function choose(workload) {
  const { without = [], contestants: all = contestants } = workload;
  const isIn = (name) =>
    !without.includes(name) &&
    (rival === undefined || [FLOOR, OURS].includes(partsOf(name).module) || rival.includes(name));
  return {
    ...workload,
    contestants: all
      .filter(isIn)
      .flatMap((name) => [name, ...(name === OURS ? options.tasker.map((path) => `${OURS}@${path}`) : [])]),
    cases: workload.cases.filter(
      ({ name }) => wanted.length === 0 || wanted.some((word) => isCalled(workload, name, word)),
    ),
    // Who asks for a few cells wants them in every round.
    ...(wanted.length > 0 && { every: 1 }),
  };
}

function isCalled(workload, name, word) {
  const [first, second = ''] = word.split('/');
  const isCase = second === '' || `${name.replaceAll(',', '')} `.startsWith(`${second} `);
  return workload.name.startsWith(first) && isCase;
}

function hasCases({ cases }) {
  return cases.length > 0;
}

function run({ name, cases }, contestant, round) {
  const isDue = ({ count = 0 }) => count <= MANY_TASKS || round % EVERY_THIRD === 0 || wanted.length > 0;
  const due = cases.filter(isDue);
  const argument = { workload: name, contestant, cases: due.map((item) => item.name) };
  const options = { core: cores.get(contestant) ?? core, flags: FLAGS, timeLimit: TIME_LIMIT };
  return runChild(new URL('child.mjs', import.meta.url), argument, options);
}

async function write() {
  const modules = await Promise.all(contestants.map((name) => import(`./contestants/${name}.mjs`)));
  const notes = [...modules.flatMap(({ note = [] }) => note), ...failures];
  const report = { machine, rounds, notes, targets, summaries };
  writeResults('speed', report);
  writePage('docs/speed-figures.md', toPage(report));
  writePage('docs/images/speed.svg', toChart(summaries, `${describe(machine)}, ${machine.date}`));
  if (options.write) writePart('README.md', 'bench', toReadmeTable(report));
}
