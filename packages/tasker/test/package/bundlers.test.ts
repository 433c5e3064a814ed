import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild, transform } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPECTED, makeBundledProject, webpackInto } from './bundled-programs.ts';
import type { StrangerProject } from './stranger-project.ts';

let project: StrangerProject;

beforeAll(async () => {
  project = await makeBundledProject();
});

afterAll(() => project?.[Symbol.asyncDispose]());

/** Makes what is in a folder of the project ES modules, or CommonJS. */
async function asFormat(folder: string, format: 'esm' | 'cjs'): Promise<void> {
  await project.write(join(folder, 'package.json'), JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }));
}

/** Bundles entries with esbuild into a folder of the project. */
async function bundle(folder: string, format: 'esm' | 'cjs', ...entryPoints: string[]): Promise<void> {
  await esbuild({
    absWorkingDir: project.root,
    entryPoints,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  await asFormat(folder, format);
}

describe('esbuild bundles a program and its workers', () => {
  test('as ES modules: the worker’s file is an entry of its own', async () => {
    await bundle('out-esm', 'esm', 'main.ts', 'heavy.worker.ts');
    expect(await project.run('node', 'out-esm/main.js')).toBe(EXPECTED);
  });

  test('as CommonJS', async () => {
    await bundle('out-cjs', 'cjs', 'main-cjs.ts', 'heavy.worker.ts');
    expect(await project.run('node', 'out-cjs/main-cjs.js')).toBe(EXPECTED);
  });

  test('as one file that is program and worker', async () => {
    await bundle('out-one', 'esm', 'single.ts');
    expect(await project.run('node', 'out-one/single.js')).toBe(EXPECTED);
  });

  test('as CommonJS also if none is used; threads by their address are told the remedy', async () => {
    await bundle('out-core', 'cjs', 'core-only.ts');
    expect(await project.run('node', 'out-core/core-only.js')).toBe('21 false');
    expect(await project.run('node', 'out-core/core-only.js', 'by address')).toContain(
      'give threads() a function that makes the worker',
    );
  });
});

describe('Vite bundles a program and its workers', () => {
  test('for a server', async () => {
    await vite({
      root: project.root,
      logLevel: 'error',
      build: {
        ssr: true,
        outDir: 'out-ssr',
        rollupOptions: {
          input: { main: join(project.root, 'main.ts'), 'heavy.worker': join(project.root, 'heavy.worker.ts') },
        },
      },
    });
    expect(await project.run('node', 'out-ssr/main.js')).toBe(EXPECTED);
  });
});

describe('Rollup bundles a program and its workers', () => {
  const typescript = {
    name: 'typescript',
    transform: async (code: string, id: string) =>
      id.endsWith('.ts') ? (await transform(code, { loader: 'ts' })).code : undefined,
  };

  test.each(['esm', 'cjs'] as const)('as %s: the worker’s file is an entry of its own', async (format) => {
    const warnings: string[] = [];
    const bundle = await rollup({
      input: {
        main: join(project.root, 'main.ts'),
        'heavy.worker': join(project.root, 'heavy.worker.ts'),
      },
      plugins: [nodeResolve(), typescript],
      onwarn: ({ message }) => void warnings.push(message),
    });
    const folder = `out-rollup-${format}`;
    await bundle.write({ dir: join(project.root, folder), format });
    await bundle.close();
    await asFormat(folder, format);
    expect(await project.run('node', join(folder, 'main.js'))).toBe(EXPECTED);
    expect(warnings).toEqual([]);
  });
});

describe('webpack, for Node and minified, bundles a program and its workers', () => {
  test('as ES modules', async () => {
    await webpackInto(project, 'out-webpack-esm', {
      entry: './main-webpack.ts',
      target: 'node20',
      output: { module: true },
    });
    await asFormat('out-webpack-esm', 'esm');
    expect(await project.run('node', 'out-webpack-esm/main.js')).toBe(EXPECTED);
  });

  test('as CommonJS', async () => {
    await webpackInto(project, 'out-webpack-cjs', { entry: './main-webpack.ts', target: 'node20' });
    await asFormat('out-webpack-cjs', 'cjs');
    expect(await project.run('node', 'out-webpack-cjs/main.js')).toBe(EXPECTED);
  });
});
