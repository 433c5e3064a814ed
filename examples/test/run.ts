import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves once the output so far contains `text`. */
  readonly said: (text: string) => Promise<void>;
  readonly ended: Promise<Finished>;
}

/** Starts an example as a person would, from the root of the repository. */
export function start(file: string, args: readonly string[] = []): Running {
  const child = spawn(process.execPath, ['--import', 'tsx', `${folder}${file}`, ...args], { cwd: root });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      child.on('close', () => reject(new Error(`${file} ended without saying ${JSON.stringify(text)}:\n${output}`)));
    });
  return { child, said, ended };
}
