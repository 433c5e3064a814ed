// Runs every situation and writes docs/torture.md and results.json. With words as arguments: only the situations whose
// file name contains one of them, and nothing is written.

import { writeFileSync } from 'node:fs';
import { loadSituations, runContestant } from './contest.mjs';
import { packageOf, toPage, toTable } from './report.mjs';

const words = process.argv.slice(2);
const situations = (await loadSituations()).filter(
  ({ file }) => words.length === 0 || words.some((word) => file.includes(word)),
);
if (situations.length === 0) throw new Error(`no situation is called ${words.join(' or ')}`);

const results = [];
for (const { file, situation } of situations) {
  const outcomes = [];
  for (const contestant of Object.keys(situation.contestants)) {
    console.error(`${file}: ${contestant}`);
    outcomes.push({ contestant, ...(await runContestant(file, contestant)) });
  }
  results.push({ file, title: situation.title, promise: situation.promise, notes: situation.notes, outcomes });
}

const contestants = results.flatMap(({ outcomes }) => outcomes.map(({ contestant }) => contestant));
const versions = [...new Set(contestants.map(packageOf))].toSorted((a, b) => a.localeCompare(b));
const report = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, versions, results };
console.log(toTable(results));

if (words.length === 0) {
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(new URL('../../docs/torture.md', import.meta.url), toPage(report));
}

const wrong = results.filter(({ outcomes }) => !outcomes.find(({ contestant }) => contestant === 'tasker')?.right);
for (const { file } of wrong) console.error(`tasker is wrong in ${file}`);
if (wrong.length > 0) process.exitCode = 1;
