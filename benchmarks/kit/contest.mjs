// Runs contestants in events (workloads, situations), each time in a process of its own, one after the other.

import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What a contest needs of an event: who takes part, and in which rounds: every one, every third …; `most` of them.
 * @typedef {{ name: string, contestants: readonly string[], every?: number, most?: number }} Event
 * What a child reports is JSON, of any shape.
 * @typedef {{ value?: any, failure?: string }} Outcome
 * @typedef {{ event: string, contestant: string, round: number, value: any }} Run
 */

/**
 * The default exports of the modules in a folder, each with its `name` (that of its file), by their `place`, else by name.
 * @param {URL} folder
 * @returns {Promise<({ name: string } & Record<string, any>)[]>}
 */
export async function loadFolder(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const loaded = await Promise.all(
    files.toSorted().map(async (file) => ({
      name: basename(file, '.mjs'),
      ...(await import(new URL(file, folder).href)).default,
    })),
  );
  return loaded.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
}

/**
 * What `script` reports, or why it does not.
 * @param {URL} script
 * @param {unknown} argument
 * @param {{ timeLimit: number, core?: string, flags?: string[] }} options
 * @returns {Promise<Outcome>}
 */
export function runChild(script, argument, { timeLimit, core, flags = [] }) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(script), [JSON.stringify(argument)], {
      execArgv: flags,
      env: { ...process.env, ...(core !== undefined && { TASKER_CORE: core }) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: timeLimit,
      killSignal: 'SIGKILL',
    });
    let errors = '';
    /** @type {Outcome | undefined} */
    let outcome;
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('message', (value) => {
      outcome = { value };
    });
    child.on('close', (code, signal) => {
      const isLate = signal === 'SIGKILL';
      resolve(
        outcome ?? { failure: isLate ? `nothing within ${timeLimit / 1_000} s` : reasonOf(code ?? signal, errors) },
      );
    });
  });
}

/**
 * @param {number | string | null} exit
 * @param {string} errors
 */
const reasonOf = (exit, errors) =>
  exit === 13
    ? 'the process ended while a promise was pending'
    : `crashed: ${/^\w*Error.*$/m.exec(errors)?.[0] ?? `exit code ${exit}`}`;

/**
 * Every contestant in every event in each round; another one is first in each. Who has failed in an event is not asked again.
 * @template {Event} E
 * @param {readonly E[]} events
 * @param {number} rounds
 * @param {(event: E, contestant: string, round: number) => Promise<Outcome>} run
 * @returns {Promise<{ runs: Run[], failures: string[] }>}
 */
export async function takeTurns(events, rounds, run) {
  const startedAt = performance.now();
  /** @type {Run[]} */
  const runs = [];
  /** @type {Map<string, string>} */
  const failures = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const event of events) {
      if (round % (event.every ?? 1) !== 0 || round >= (event.most ?? Infinity)) continue;
      const first = round % event.contestants.length;
      for (const contestant of [...event.contestants.slice(first), ...event.contestants.slice(0, first)]) {
        const what = `${contestant} in ${event.name}`;
        if (failures.has(what)) continue;
        const { value, failure } = await run(event, contestant, round);
        if (failure === undefined) runs.push({ event: event.name, contestant, round, value });
        else failures.set(what, failure);
      }
    }
    const elapsed = Math.round((performance.now() - startedAt) / 1_000);
    console.error(`round ${round + 1} of ${rounds}: ${elapsed} s since the start`);
  }
  return { runs, failures: [...failures].map(([what, failure]) => `${what} failed: ${failure}`) };
}
