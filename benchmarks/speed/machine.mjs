// What was measured, on what.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { commitOfCore } from './cores.mjs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

export function describeMachine() {
  const commit = commitOfCore();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    /** How many processes wanted a core in the minute before the run. */
    load: loadavg()[0],
    tasker: `tasker ${read('../../packages/tasker/package.json').version}${commit === undefined ? '' : ` (${commit})`}`,
  };
}

/** The version of each package. */
export const versionsOf = (packages) =>
  Object.fromEntries(packages.map((name) => [name, read(`../node_modules/${name}/package.json`).version]));
