// Asks the compiler about changes that no test has seen: what it refuses, nobody can do by mistake.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { change } from './report.mjs';

const SRC = 'packages/tasker/src/';

/** So many copies of the source are checked by one run of the compiler. */
const BATCH = 30;

/** What the compiler says of a copy: `12/tasks/level.ts(7,5): error TS2532: …`. */
const FAULT = /^(\d+)\/.*: error TS/m;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'mutants/sandbox/types');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

const config = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
  },
  include: ['*/index.ts'],
};

/** Those of `mutants` with which the source does not compile. */
export function refused(mutants) {
  const all = [];
  for (let i = 0; i < mutants.length; i += BATCH) all.push(...refusedTogether(mutants.slice(i, i + BATCH)));
  return all;
}

/** One run of the compiler over a copy of the source for each of them. */
function refusedTogether(mutants) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  mutants.forEach((mutant, i) => {
    cpSync(join(root, SRC), join(folder, `${i}`), { recursive: true });
    writeFileSync(join(folder, `${i}`, mutant.file.slice(SRC.length)), change(mutant));
  });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout, status, error } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: Infinity,
  });
  if (error !== undefined) throw error;
  if (status !== 0 && !FAULT.test(stdout)) throw new Error(`the compiler could not look: ${stdout}`);
  rmSync(folder, { recursive: true, force: true });
  const numbers = new Set([...stdout.matchAll(new RegExp(FAULT, 'gm'))].map(([, number]) => Number(number)));
  return mutants.filter((_, i) => numbers.has(i));
}
