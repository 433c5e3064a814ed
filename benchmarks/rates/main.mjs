// Runs everything and writes docs/rates-figures.md and results.json (null there: never). See `--help` for the rest.

import { parseArgs } from 'node:util';
import { positive, runPlanned } from '../kit/options.mjs';
import { writePage, writeResults } from '../kit/pages.mjs';
import { cells, contest } from './contest.mjs';
import { contestants } from './contestants.mjs';
import { brokenIn } from './judge.mjs';
import { toPage, toRealTable, toTables, toTargets } from './report.mjs';

const REAL_CELL = 'log/at-once';
const SEEDS = [1, 2, 3, 4, 5];

const HELP = `npm run bench:rates --    all APIs, loads and contestants, five seeds (two minutes)
  WORD …                    only cells with such a word in API/load: bucket, at-once; writes nothing
  --contestant NAME         only this one, or several; writes nothing
  --seed N                  only this seed; writes nothing
  --real                    real time beside virtual time, half a minute or two; ${REAL_CELL} or the first of the cells`;

async function runAll(chosen, names, seeds, isWhole) {
  const results = await contest(chosen, names, seeds);
  console.log(`${toTables(results)}\n\n${toTargets(results)}`);
  const broken = brokenIn(results);
  for (const each of broken) console.error(`BROKEN: ${each}`);
  if (broken.length > 0) process.exitCode = 1;
  if (!isWhole) return;

  const report = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, seeds, results };
  writeResults('rates', report);
  writePage('docs/rates-figures.md', await toPage(report));
}

/** They wait most of the time, so all may run at once. */
async function compareRealTime(cell, names, seed) {
  const [virtual] = await contest([cell], names, [seed]);
  const [real] = await contest([cell], names, [seed], { isReal: true, atOnce: names.length });
  console.log(toRealTable(virtual, real));
}

/** What the arguments ask for; throws if they make no sense. */
function plan() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      contestant: { type: 'string', multiple: true },
      seed: { type: 'string' },
      real: { type: 'boolean' },
    },
  });
  if (values.help) return async () => console.log(HELP);
  const isWhole = positionals.length === 0 && values.contestant === undefined && values.seed === undefined;
  const words = values.real && positionals.length === 0 ? [REAL_CELL] : positionals;
  const chosen = words.length === 0 ? cells : cells.filter(({ name }) => words.some((word) => name.includes(word)));
  if (chosen.length === 0) {
    throw new Error(`no cell is called ${words.join(' or ')}; there are ${cells.map(({ name }) => name).join(', ')}`);
  }
  const names = values.contestant ?? contestants;
  const stranger = names.find((name) => !contestants.includes(name));
  if (stranger !== undefined) {
    throw new Error(`no contestant is called ${stranger}; there are ${contestants.join(', ')}`);
  }
  const seeds = values.seed === undefined ? SEEDS : [positive('seed', values.seed, 1)];
  if (values.real) return () => compareRealTime(chosen[0], names, seeds[0]);
  return () => runAll(chosen, names, seeds, isWhole);
}

await runPlanned(plan, HELP);
