// Runs every load and writes docs/scaling-figures.md and results.json (null there: never). See `--help` for the rest.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPlanned } from '../kit/options.mjs';
import { writePage, writeResults } from '../kit/pages.mjs';
import { contest } from './contest.mjs';
import { growthVerdict, splitResults, toGrowth, toGrowthPart, toLimiters } from './growth-report.mjs';
import { lawCalled, laws } from './laws.mjs';
import { loadCalled, loads } from './loads.mjs';
import { drawRun } from './one.mjs';
import { compareBottlenecks } from './real-bottlenecks.mjs';
import { compareRealTime } from './real.mjs';
import { toLines, toPage, toRivals, toTable, toBroken, toVerdict } from './report.mjs';

const HELP = `npm run bench:scaling --                  all loads, all laws, five seeds
  NAME …                                   only these loads; writes nothing
  --load NAME [--seed N] [--law NAME]      one run and its picture; --out FILE says where to
  --list                                   the loads and laws
  --guide                                  the pictures of docs/guides/scaling.md
  --real                                   real timers beside virtual ones, a minute
  --real-bottlenecks [NAME …]              PostgreSQL, threads and a service, on real time (ten minutes)`;

const SEEDS = [1, 2, 3, 4, 5];

/** The pictures of the guide: load and law. */
const PICTURES = [
  ['step', 'tasker'],
  ['step', 'seed'],
  ['spike', 'tasker'],
  ['on-off', 'tasker'],
  ['jungle', 'tasker'],
  ['outage', 'tasker'],
  ['convoy', 'unpaid'],
  ['convoy', 'tasker'],
  ['thrashing', 'unpaid'],
  ['thrashing', 'tasker'],
];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function runAll(chosen, isWhole) {
  const results = await contest(chosen, SEEDS);
  const [ordinary, overload] = splitResults(results);
  if (ordinary.length > 0) {
    console.log(`${toTable(ordinary)}\n\nMedians of p99 wait · cost ÷ oracle · creations:\n\n${toRivals(ordinary)}\n`);
  }
  if (overload.length > 0) {
    console.log(`${toGrowth(overload)}\n\nThroughput ÷ best · p99 response ÷ without:\n\n${toLimiters(overload)}\n`);
  }
  const verdict = [...toVerdict(ordinary), ...growthVerdict(results), ...toBroken(results)];
  console.log(verdict.length > 0 ? verdict.join('\n') : 'Every figure is reached.');
  if (verdict.some((line) => line.startsWith('BROKEN'))) process.exitCode = 1;
  if (!isWhole) return;

  const report = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, seeds: SEEDS, results };
  writeResults('scaling', report);
  writePage('docs/scaling-figures.md', toPage({ ...report, results: ordinary }, toGrowthPart(results)));
}

async function runOne(load, seed, law, out) {
  mkdirSync(here('charts'), { recursive: true });
  const file = out ?? here(`charts/${load.name}-${law.name}-${seed}.svg`);
  const figures = await drawRun(load, seed, law, file);
  console.log(`${toLines(load, figures)}\n\n${file}`);
}

async function drawGuide() {
  mkdirSync(here('../../docs/guides/images'), { recursive: true });
  for (const [load, law] of PICTURES) {
    const file = here(`../../docs/guides/images/scaling-${load}${law === 'tasker' ? '' : `-${law}`}.svg`);
    await drawRun(loadCalled(load), SEEDS[0], lawCalled(law), file);
    console.log(file);
  }
}

const toNames = (all) => all.map(({ name, title }) => `  ${name.padEnd(22)} ${title}`).join('\n');

async function list() {
  console.log(`loads\n${toNames(loads)}\nlaws\n${toNames(laws)}`);
}

/** What the arguments ask for; throws if they make no sense. */
function plan() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      list: { type: 'boolean' },
      load: { type: 'string' },
      seed: { type: 'string', default: '1' },
      law: { type: 'string', default: 'tasker' },
      out: { type: 'string' },
      guide: { type: 'boolean' },
      real: { type: 'boolean' },
      'real-bottlenecks': { type: 'boolean' },
    },
  });
  if (values.help) return async () => console.log(HELP);
  if (values.list) return list;
  if (values.guide) return drawGuide;
  if (values.real) return async () => console.log(await compareRealTime(SEEDS[0]));
  if (values['real-bottlenecks']) return () => compareBottlenecks(positionals);
  if (values.load === undefined) {
    const isWhole = positionals.length === 0;
    const chosen = isWhole ? loads : positionals.map(loadCalled);
    return () => runAll(chosen, isWhole);
  }
  const [load, law, seed] = [loadCalled(values.load), lawCalled(values.law), Number(values.seed)];
  if (!Number.isInteger(seed)) throw new Error(`--seed must be an integer, got ${values.seed}`);
  return () => runOne(load, seed, law, values.out);
}

await runPlanned(plan, HELP);
