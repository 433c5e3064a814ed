// Runs contestants in workloads, each time in a process of its own, one after the other.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const execute = promisify(execFile);

/** All workloads as `{ name, file, ... }`, in the order of the table. */
export async function loadWorkloads() {
  const files = readdirSync(here('./workloads')).filter((name) => name.endsWith('.mjs'));
  const loaded = await Promise.all(
    files.map(async (file) => ({
      file,
      name: file.replace('.mjs', ''),
      ...(await import(`./workloads/${file}`)).default,
    })),
  );
  return loaded.toSorted((a, b) => a.place - b.place);
}

/** What `script` prints, as `{ value }`, or `{ failure }`. */
export async function runChild(script, argument, { core, timeLimit }) {
  try {
    const { stdout } = await execute(process.execPath, [here(script), JSON.stringify(argument)], {
      env: { ...process.env, TASKER_CORE: core },
      timeout: timeLimit,
      killSignal: 'SIGKILL',
    });
    return { value: JSON.parse(stdout) };
  } catch (error) {
    if (error.killed) return { failure: `nothing within ${timeLimit / 1_000} s` };
    return { failure: /^\w*Error.*$/m.exec(error.stderr ?? '')?.[0] ?? String(error) };
  }
}
