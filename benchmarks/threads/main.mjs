// Runs every contestant in every workload, on two threads, and prints what a call takes.
//
//   --only WORD     only the workloads with WORD in their name; may be repeated
//   --rival NAME    only this rival, beside tasker and what is by hand; may be repeated
//   --rounds N      instead of 9
//   --kill          instead: kills a thread every 100 ms under load, 30 s for each contestant
//   --seconds N     instead of 30
//
// A whole run writes docs/threads-figures.md, its part of it.

import { parseArgs } from 'node:util';
import { freezeCore } from '../speed/cores.mjs';
import { describeMachine, versionsOf } from '../speed/machine.mjs';
import { toTargetTable } from '../speed/report.mjs';
import { loadWorkloads, runChild } from './contest.mjs';
import { toKill, toKillTable, toSettings, toSpeed, toTable } from './report.mjs';
import { summarize } from './summary.mjs';
import { judge } from './targets.mjs';
import { writePart } from './write.mjs';

const THREADS = 2;
const ROUNDS = 9;
const TIME_LIMIT = 60_000;
const KILL = { threads: THREADS, seconds: 30, interval: 100, clients: 32 };
const KILLED = ['tasker', 'poolifier', 'piscina', 'tinypool', 'workerpool'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rival: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    kill: { type: 'boolean', default: false },
    seconds: { type: 'string' },
  },
});
const { only, rival } = options;
const isWhole = Object.keys(options).every((name) => name === 'kill');
const rounds = positive('rounds', ROUNDS);
const seconds = positive('seconds', KILL.seconds);

const machine = describeMachine();
if (machine.load > machine.cores / 4) {
  console.error(
    `Others use this machine (load ${machine.load.toFixed(1)}): times and ratios will be wrong where they vary.`,
  );
}
const core = freezeCore();
const isWanted = (name) => rival === undefined || /^(?:bare|tasker)/.test(name) || rival.includes(name);
await (options.kill ? compareDeaths() : compareSpeed());

async function compareSpeed() {
  const workloads = (await loadWorkloads())
    .filter(({ name }) => only === undefined || only.some((word) => name.includes(word)))
    .map((workload) => ({ ...workload, contestants: workload.contestants.filter(isWanted) }));
  if (workloads.length === 0) throw new Error(`no workload is called ${only.join(' or ')}`);

  const startedAt = performance.now();
  const runs = [];
  const failures = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, file, contestants, every } of workloads) {
      // What takes long is done less often; it varies less, too.
      if (round % every !== 0) continue;
      // In each round another one is first.
      const first = round % contestants.length;
      for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
        const argument = { workload: file, contestant, threads: THREADS };
        const { value, failure } = await runChild('./child.mjs', argument, { core, timeLimit: TIME_LIMIT });
        if (failure === undefined) runs.push({ workload: name, contestant, round, value });
        else failures.push(`${contestant} in ${name} failed: ${failure}`);
      }
    }
    const elapsed = Math.round((performance.now() - startedAt) / 1_000);
    console.error(`round ${round + 1} of ${rounds}: ${elapsed} s since the start`);
  }

  const versions = await findVersions(workloads.flatMap(({ contestants }) => contestants));
  const summaries = summarize(workloads, runs);
  const targets = judge(summaries);
  console.log('Median ± median absolute deviation (times tasker).\n');
  console.log(`${toTable(summaries, versions)}\n\n${toSettings(summaries).join('\n')}\n\n${toTargetTable(targets)}`);
  for (const failure of failures) console.error(failure);
  if (isWhole) writePart('speed', toSpeed({ machine, versions, threads: THREADS, summaries, targets, failures }));
}

async function compareDeaths() {
  const contestants = KILLED.filter(isWanted);
  const settings = { ...KILL, seconds };
  const timeLimit = seconds * 1_000 + TIME_LIMIT;
  const results = [];
  for (const contestant of contestants) {
    const { value, failure } = await runChild('./kill-child.mjs', { ...settings, contestant }, { core, timeLimit });
    console.error(contestant, value ?? failure);
    results.push({ contestant, failure, ...value });
  }
  const versions = await findVersions(contestants);
  console.log(toKillTable(results, versions));
  const ours = results.find(({ contestant }) => contestant === 'tasker');
  const isMet =
    ours.failure === undefined &&
    ours.rejected + ours.wrong + ours.unanswered === 0 &&
    ours.threadsAfterwards === THREADS;
  console.log(`tasker: every caller has its answer, none is wrong, all threads are back: ${isMet ? 'met' : 'MISSED'}`);
  if (isWhole) writePart('kill', toKill({ ...settings, machine, versions, results }));
}

async function findVersions(contestants) {
  const modules = await Promise.all([...new Set(contestants)].map((name) => import(`./contestants/${name}.mjs`)));
  return versionsOf(modules.flatMap(({ packages = [] }) => packages));
}

function positive(name, fallback) {
  const value = Number(options[name] ?? fallback);
  if (!(Number.isInteger(value) && value > 0))
    throw new Error(`--${name} must be a positive integer, got ${options[name]}`);
  return value;
}
