// What workloads measure with: commands in a folder of their own, from their start to their end.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../kit/pages.mjs';

const MAIN = fileURLToPath(new URL('packages/tasker-cli/dist/main.js', ROOT));

/** The path of a program of this benchmark. */
export const program = (name) => fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));

/** `tasker run` of a program. */
export const taskerRun = (name, ...args) => [process.execPath, MAIN, 'run', program(name), '--quiet', ...args];

/** Does `work` in a new folder, which goes afterwards. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'tasker-cli-benchmark-'));
  try {
    return await work((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a command to its end; how long that takes, in seconds, and the most memory that it has, in MB, if it is of Node.
 * @param {readonly string[]} command
 * @param {{ input?: string, output?: string, env?: Record<string, string>, flags?: readonly string[] }} options
 *   paths of standard input and output; flags of Node
 */
export async function timeCommand(
  [command = '', ...args],
  { input = '/dev/null', output = '/dev/null', env = {}, flags = [] } = {},
) {
  const files = [openSync(input, 'r'), openSync(output, 'w')];
  const isNode = command === process.execPath;
  const preload = isNode ? [...flags, '--import', program('peak-memory')] : [];
  const startedAt = performance.now();
  const child = spawn(command, [...preload, ...args], {
    stdio: [...files, 'pipe', ...(isNode ? [/** @type {const} */ ('pipe')] : [])],
    env: { ...process.env, ...env },
  });
  let errors = '';
  let memory = '';
  child.stdio[2]?.on('data', (chunk) => (errors += chunk));
  child.stdio[3]?.on('data', (chunk) => (memory += chunk));
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const file of files) closeSync(file);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors.trim()}`);
  return { seconds, megabytes: Number(memory) / 1_024 };
}

/** Whether a command is there and says of itself that it is what is meant. */
export function isInstalled(command, words) {
  const { error, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return error === undefined && stdout.includes(words);
}

/** Writes lines that `line` makes of their number. */
export function writeLines(path, count, line) {
  const file = openSync(path, 'w');
  for (let from = 0; from < count; from += 10_000) {
    const length = Math.min(10_000, count - from);
    writeSync(file, Array.from({ length }, (_, i) => `${line(from + i)}\n`).join(''));
  }
  closeSync(file);
}

/** Throws unless a file has so many lines. */
export async function expectLines(path, count) {
  let lines = 0;
  for await (const chunk of createReadStream(path)) for (const byte of chunk) if (byte === 0x0a) lines += 1;
  if (lines !== count) throw new Error(`${count} lines are expected, got ${lines}`);
}
