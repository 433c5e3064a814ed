// What is measured, on what.

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { commitOfCore } from './core.mjs';
import { ROOT } from './pages.mjs';

/** @typedef {{ date: string, node: string, cpu: string, cores: number, load: number, tasker: string }} Machine */

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));

/**
 * The machine as it is; a busy one is complained of.
 * @returns {Machine}
 */
export function describeMachine() {
  const commit = commitOfCore();
  const cores = availableParallelism();
  /** How many processes wanted a core in the minute before the run. */
  const load = loadavg()[0] ?? 0;
  if (load > cores / 4) {
    console.error(`Others use this machine (load ${load.toFixed(1)}): times and ratios will be wrong where they vary.`);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores,
    load,
    tasker: `tasker ${read('packages/tasker/package.json').version}${commit === undefined ? '' : ` (${commit})`}`,
  };
}

/**
 * `tasker 0.1.0 (d6e7214), Node 20.20.2, 2 × Some CPU`.
 * @param {Machine} machine
 */
export const describe = ({ node, cores, cpu, tasker }) => `${tasker}, Node ${node}, ${cores} × ${cpu}`;

/**
 * When and where a page was written, for its first sentence.
 * @param {string} command
 * @param {Machine} machine
 */
export const writtenBy = (command, machine) =>
  `Written by \`${command}\` on ${machine.date}, with ${describe(machine)}, whose load was\n${machine.load.toFixed(1)} before.`;
