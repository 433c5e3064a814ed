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

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const importOf = (_: string, subpath?: string): string =>
  subpath === undefined ? "from './tasker.mjs'" : `from './tasker-${subpath}.mjs'`;

let count = 0;

/**
 * To be called once in a test file: gives a function that runs a script in a Node process of its own. The script may
 * import from 'tasker' and the given subpaths, such as 'tasker/node', which are the source, bundled once for the file.
 */
export function children(...subpaths: string[]): (script: string, ...nodeOptions: string[]) => Promise<ChildEnd> {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tasker-child-'));
    await build({
      entryPoints: {
        tasker: source('index.ts'),
        ...Object.fromEntries(subpaths.map((subpath) => [`tasker-${subpath}`, source(`${subpath}/index.ts`)])),
      },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'neutral',
      external: ['node:*'],
      target: 'node20',
      outdir: directory,
      outExtension: { '.js': '.mjs' },
    });
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  return async (script, ...nodeOptions) => {
    const file = join(directory, `script-${++count}.mjs`);
    await writeFile(file, script.replaceAll(/from 'tasker(?:\/(\w+))?'/g, importOf));
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
