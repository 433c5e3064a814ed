// Changes the core in small ways, one at a time, and tells which changes no test has seen. Arguments go to Stryker.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refused } from './compiler.mjs';
import { isUnseen, mutantsOf, survivors, table } from './report.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const stryker = path('node_modules/@stryker-mutator/core/bin/stryker.js');
const args = process.argv.slice(2);
// All of it takes so long that a second run does only what has changed since; what is named is run afresh.
if (!args.includes('--mutate')) args.push('--incremental');
const { status } = spawnSync(process.execPath, [stryker, 'run', 'mutants/stryker.config.mjs', ...args], {
  cwd: path('..'),
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

const mutants = mutantsOf(JSON.parse(readFileSync(path('reports/mutation.json'), 'utf8')));
const unseen = mutants.filter(isUnseen);
const impossible = new Set(refused(unseen));
console.log(`\n${survivors(unseen.filter((mutant) => !impossible.has(mutant)))}`);
console.log(table(mutants, impossible));
