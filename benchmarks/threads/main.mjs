// Runs every contestant in every workload, on two threads, and prints what a call takes.
//
//   WORD …          only the workloads with one of these in their name
//   --rival NAME    only this rival, beside tasker and what is by hand; may be repeated
//   --rounds N      instead of 9
//   --kill          instead: kills a thread every 100 ms under load, 30 s for each contestant
//   --seconds N     instead of 30
//
// A whole run writes docs/threads-figures.md, its part of it.

import { parseArgs } from 'node:util';
import { loadFolder, runChild, takeTurns } from '../kit/contest.mjs';
import { freezeCore } from '../kit/core.mjs';
import { summarize } from '../kit/figures.mjs';
import { describeMachine } from '../kit/machine.mjs';
import { positive } from '../kit/options.mjs';
import { writePart } from '../kit/pages.mjs';
import { toTargetTable } from '../kit/targets.mjs';
import { contestants, libraries } from './contestants.mjs';
import { toKill, toKillTable, toSettings, toSpeed, toTable } from './report.mjs';
import { judge } from './targets.mjs';

const PAGE = 'docs/threads-figures.md';
const THREADS = 2;
const ROUNDS = 9;
const TIME_LIMIT = 60_000;
const KILL = { threads: THREADS, seconds: 30, interval: 100, clients: 32 };

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    rival: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    kill: { type: 'boolean', default: false },
    seconds: { type: 'string' },
  },
});
const { rival } = options;
const isWhole = words.length === 0 && Object.keys(options).every((name) => name === 'kill');
const rounds = positive('rounds', options.rounds, ROUNDS);
const seconds = positive('seconds', options.seconds, KILL.seconds);

const machine = describeMachine();
const core = freezeCore();
const isWanted = (name) => rival === undefined || /^(?:bare|tasker)/.test(name) || rival.includes(name);
const run = (script, argument, timeLimit) =>
  runChild(new URL(script, import.meta.url), { threads: THREADS, ...argument }, { core, timeLimit });
await (options.kill ? compareDeaths() : compareSpeed());

async function compareSpeed() {
  const workloads = (await loadFolder(new URL('workloads/', import.meta.url)))
    .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
    .map(({ without = [], ...workload }) => ({
      ...workload,
      cases: [{ name: workload.column }],
      contestants: contestants.filter((name) => isWanted(name) && !without.includes(name)),
    }));
  if (workloads.length === 0) throw new Error(`no workload is called ${words.join(' or ')}`);

  const { runs, failures } = await takeTurns(workloads, rounds, ({ name }, contestant) =>
    run('child.mjs', { workload: name, contestant }, TIME_LIMIT),
  );
  const summaries = summarize(workloads, runs);
  const targets = judge(summaries);
  console.log(`${toTable(summaries)}\n\n${toSettings(summaries)}\n\n${toTargetTable(targets)}`);
  for (const failure of failures) console.error(failure);
  if (isWhole) writePart(PAGE, 'speed', toSpeed({ machine, threads: THREADS, summaries, targets, failures }));
}

async function compareDeaths() {
  const settings = { ...KILL, seconds };
  const results = [];
  for (const contestant of libraries.filter(isWanted)) {
    const { value, failure } = await run('kill-child.mjs', { ...settings, contestant }, seconds * 1_000 + TIME_LIMIT);
    console.error(contestant, value ?? failure);
    results.push({ contestant, failure, ...value });
  }
  console.log(toKillTable(results));
  const ours = results.find(({ contestant }) => contestant === 'tasker');
  const isMet =
    ours.failure === undefined &&
    ours.rejected + ours.wrong + ours.unanswered === 0 &&
    ours.threadsAfterwards === THREADS;
  console.log(`tasker: every caller has its answer, none is wrong, all threads are back: ${isMet ? 'met' : 'MISSED'}`);
  if (isWhole) writePart(PAGE, 'kill', toKill({ ...settings, machine, results }));
}
