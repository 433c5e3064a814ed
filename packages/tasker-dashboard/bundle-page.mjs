// Makes one script and one style sheet of `src/page`, and a module that has them as text: `dist/page-files.js`.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { resolve } = createRequire(import.meta.url);

/** The licences of what is in the script, which its minified code has lost. */
const licences = ['preact', 'uplot'].map((name) => {
  const text = readFileSync(join(dirname(resolve(`${name}/package.json`)), 'LICENSE'), 'utf8');
  return `${name}\n\n${text.trim()}`;
});

const { outputFiles } = await build({
  entryPoints: [at('src/page/page.tsx'), at('src/page/page.css')],
  bundle: true,
  minify: true,
  write: false,
  outdir: at('dist'),
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  banner: { js: `/*\n${licences.join('\n\n')}\n*/` },
  logLevel: 'warning',
});
const files = Object.fromEntries(outputFiles.map(({ path, text }) => [path.split(/[/\\]/).at(-1), text]));
files['icon.svg'] = readFileSync(at('src/page/icon.svg'), 'utf8');

const text = JSON.stringify(files, undefined, 2);
const version = createHash('sha256').update(text).digest('hex').slice(0, 12);
mkdirSync(at('dist'), { recursive: true });
writeFileSync(
  at('dist/page-files.js'),
  `export const pageFiles = ${text};\nexport const version = ${JSON.stringify(version)};\n`,
);
