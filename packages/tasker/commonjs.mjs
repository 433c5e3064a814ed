// Writes `dist/commonjs`: once more, file by file, what the package's exports reach, as CommonJS. It is for Jest and others
// that have a module system of their own; Node takes the ES modules, however it is asked. See docs/decisions/0013.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const target = join(dist, 'commonjs');

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entryPoints = Object.values(exports)
  .filter((conditions) => conditions.require !== undefined)
  .map((conditions) => conditions.default);

// Bundled for the list of what they import, and thrown away.
const { metafile } = buildSync({
  absWorkingDir: root,
  entryPoints,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  packages: 'external', // modules of Node, and peers
  outdir: 'unused',
  write: false,
  metafile: true,
});

for (const input of Object.keys(metafile.inputs)) {
  const file = relative(dist, join(root, input));
  mkdirSync(dirname(join(target, file)), { recursive: true });
  writeFileSync(join(target, file), toCommonJs(file));
}
copyDeclarations();
writeFileSync(join(target, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);

function toCommonJs(file) {
  const { code } = transformSync(readFileSync(join(dist, file), 'utf8'), {
    format: 'cjs',
    platform: 'node', // keeps import()
    target: 'node20.19',
    define: { 'import.meta.url': 'original.url' },
  });
  const original = code.includes('original.url') ? `${originalOf(file)}\n` : '';
  return `'use strict';\n${original}${code}`;
}

/** A copy passes for the module it copies: the program of a thread, beside that, is an ES module, for Node to run. */
function originalOf(file) {
  const path = JSON.stringify(relative(dirname(join(target, file)), join(dist, file)).replaceAll(sep, '/'));
  return `const original = { get url() { return require('node:url').pathToFileURL(require('node:path').join(__dirname, ${path})).href; } };`;
}

/** All of them: declarations import more than modules do. */
function copyDeclarations() {
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!file.endsWith('.d.ts') || file.startsWith('commonjs')) continue;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    copyFileSync(join(dist, file), join(target, file));
  }
}
