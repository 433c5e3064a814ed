// Runs contestants in workloads, each time in a process of its own, one after the other.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const TIME_LIMIT = 120_000;
/** New space begins as large as it gets, as in a process that has been up for a while; else small cases measure its growth. */
const FLAGS = ['--min-semi-space-size=16', '--expose-gc'];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const execute = promisify(execFile);

/** All workloads as `{ name, workload }`, in the order of the table. */
export async function loadWorkloads() {
  const files = readdirSync(here('./workloads')).filter((name) => name.endsWith('.mjs'));
  const loaded = await Promise.all(
    files.map(async (file) => ({ file, workload: (await import(`./workloads/${file}`)).default })),
  );
  return loaded.toSorted((a, b) => a.workload.place - b.workload.place);
}

/** The values of one contestant in the cases of one workload, or `{ failure }`. */
export async function runContestant({ file, contestant, core, mostTasks }) {
  const args = [...FLAGS, here('./child.mjs'), JSON.stringify({ workload: file, contestant, mostTasks })];
  try {
    const { stdout } = await execute(process.execPath, args, {
      env: { ...process.env, TASKER_CORE: core },
      timeout: TIME_LIMIT,
      killSignal: 'SIGKILL',
    });
    return { values: JSON.parse(stdout) };
  } catch (error) {
    if (error.killed) return { failure: `nothing within ${TIME_LIMIT / 1_000} s` };
    return { failure: /^\w*Error.*$/m.exec(error.stderr ?? '')?.[0] ?? String(error) };
  }
}
