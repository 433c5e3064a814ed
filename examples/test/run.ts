import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const EXAMPLES = new URL('../', import.meta.url);
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly args?: readonly string[];
  /** A module to be loaded first, in each thread. */
  readonly preload?: URL;
  /** Called whenever the process has written to stdout, with all of it. */
  readonly onOutput?: (stdout: string, child: ChildProcess) => void;
}

/** Runs an example, as `tsx` does, on the source of the package; resolves when it has ended. */
export function run(example: string, { cwd, args = [], preload, onOutput }: RunOptions = {}): Promise<Ended> {
  const script = fileURLToPath(new URL(example, EXAMPLES));
  const preloads = preload === undefined ? {} : { NODE_OPTIONS: `--import ${preload.href}` };
  const child = spawn(process.execPath, ['--import', TSX, script, ...args], {
    cwd: cwd ?? fileURLToPath(EXAMPLES),
    env: { ...process.env, ...preloads, TSX_TSCONFIG_PATH: fileURLToPath(new URL('tsconfig.json', EXAMPLES)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput?.(stdout, child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
