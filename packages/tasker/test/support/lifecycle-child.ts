import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

/** How a child process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Lines of its standard output. */
  readonly lines: string[];
  readonly stderr: string;
}

/** What a child inherits: nothing that changes how Node or a test runner behaves. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm|vitest|node_)/i.test(name)),
);

let count = 0;

/**
 * To be called once in a test file: gives a function that runs a script in a Node process of its own. The script may
 * import from 'tasker', which is the source, bundled once for the file.
 */
export function children(): (script: string, ...nodeOptions: string[]) => Promise<ChildEnd> {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tasker-child-'));
    await build({
      entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      target: 'node20',
      outfile: join(directory, 'tasker.mjs'),
    });
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  return async (script, ...nodeOptions) => {
    const file = join(directory, `script-${++count}.mjs`);
    await writeFile(file, script.replaceAll("from 'tasker'", "from './tasker.mjs'"));
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...nodeOptions, file], { cwd: directory, env: environment });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ code, signal, lines: stdout.split('\n').filter((line) => line !== ''), stderr });
      });
    });
  };
}
