import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

/**
 * What the whole core may weigh in a browser bundle, in bytes. Nothing shortens the plain fields of the hot path: see decision 24. Of it
 * rates, overload and the limit that growth must pay for are 7 kB.
 */
const LIMIT = 44_500;

describe('the core, bundled and minified', () => {
  let code: Uint8Array;
  let imports: string[];

  beforeAll(async () => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      write: false,
      metafile: true,
    });
    code = result.outputFiles[0]?.contents ?? new Uint8Array();
    imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  });

  test(`weighs at most ${LIMIT / 1000} kB gzipped`, () => {
    expect(code.length).toBeGreaterThan(0);
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(LIMIT);
  });

  test('imports nothing', () => {
    expect(imports).toEqual([]);
  });
});
