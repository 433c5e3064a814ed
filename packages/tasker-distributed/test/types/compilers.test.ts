import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Against the built package, as a stranger has it. */

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const file = fileURLToPath(new URL('definitions.ts', import.meta.url));
const options = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--target',
  'es2022',
  '--module',
  'nodenext',
  '--types',
  'node',
];

test.each(['compilers/typescript-5.5', 'compilers/typescript-5.9'])(
  'what a definition infers and refuses holds for %s',
  async (workspace) => {
    const tsc = join(
      dirname(require.resolve('typescript/package.json', { paths: [join(root, workspace)] })),
      'bin/tsc',
    );
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...options, file]).catch(
      (failed: { stdout: string }) => failed,
    );
    expect(stdout).toBe('');
  },
);
