// Runs every situation and writes docs/torture.md and results.json. With words as arguments: only the situations whose
// file name contains one of them, and nothing is written.

import { loadFolder, runChild } from '../kit/contest.mjs';
import { packageOf, partsOf } from '../kit/contestants.mjs';
import { writePage, writeResults } from '../kit/pages.mjs';
import { OURS, toPage, toTable } from './report.mjs';

const TIME_LIMIT = 30_000;

const words = process.argv.slice(2);
const situations = (await loadFolder(new URL('situations/', import.meta.url))).filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (situations.length === 0) throw new Error(`no situation is called ${words.join(' or ')}`);

const results = [];
for (const { name, title, promise, notes, contestants } of situations) {
  const outcomes = [];
  for (const contestant of Object.keys(contestants)) {
    console.error(`${name}: ${contestant}`);
    const argument = { situation: name, contestant };
    const { value, failure } = await runChild(new URL('child.mjs', import.meta.url), argument, {
      timeLimit: TIME_LIMIT,
    });
    outcomes.push({ contestant, ...(value ?? { right: false, outcome: failure }) });
  }
  results.push({ file: `${name}.mjs`, title, promise, notes, outcomes });
}

const packages = results.flatMap(({ outcomes }) => outcomes.map(({ contestant }) => partsOf(contestant).module));
const versions = [...new Set(packages)].map(packageOf).toSorted((a, b) => a.localeCompare(b));
const report = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, versions, results };
console.log(toTable(results));

if (words.length === 0) {
  writeResults('torture', report);
  writePage('docs/torture.md', toPage(report));
}

const wrong = results.filter(({ outcomes }) => !outcomes.find(({ contestant }) => contestant === OURS)?.right);
for (const { file } of wrong) console.error(`tasker is wrong in ${file}`);
if (wrong.length > 0) process.exitCode = 1;
