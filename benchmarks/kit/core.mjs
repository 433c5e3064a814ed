// The builds of the core that take part.

import { execSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from './pages.mjs';

const cwd = fileURLToPath(ROOT);
const CORE = 'packages/tasker';

/** Copies the built core, so that a build during the run changes nothing; its URL. The copy goes when the process ends. */
export function freezeCore() {
  const folder = mkdtempSync(join(tmpdir(), 'tasker-benchmark-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  for (const part of ['package.json', 'dist']) cpSync(join(cwd, CORE, part), join(folder, part), { recursive: true });
  return entryOf(folder);
}

/**
 * The URL of the module at `path`: a package, its `dist`, or the file itself.
 * @param {string} path
 */
export function entryOf(path) {
  const files = [path, join(path, 'index.js'), join(path, 'dist/index.js')].map((file) => resolve(file));
  const entry = files.find((file) => existsSync(file) && statSync(file).isFile());
  if (entry === undefined) throw new Error(`--tasker must be the path of a built core, got ${path}`);
  return pathToFileURL(entry).href;
}

/**
 * In a child process: the module at `path` of the build that it was given.
 * @param {string} path
 */
export const importCore = (path = './index.js') =>
  import(new URL(path, process.env.TASKER_CORE ?? import.meta.resolve('tasker')).href);

/** @param {string} command */
const git = (command) => execSync(`git ${command}`, { cwd, stdio: ['ignore', 'pipe', 'ignore'] }).toString();

/** The commit of the core, with a + if it has been changed since; undefined outside a clone. */
export function commitOfCore() {
  try {
    const isChanged = git(`status --porcelain -- ${CORE}`) !== '';
    return `${git('rev-parse --short HEAD').trim()}${isChanged ? '+' : ''}`;
  } catch {
    return undefined;
  }
}
