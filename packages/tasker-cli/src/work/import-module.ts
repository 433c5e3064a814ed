import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { textOf } from '../basics/error-description.ts';
import { UsageError } from '../basics/usage-error.ts';

const JAVASCRIPT = ['.js', '.mjs', '.cjs'];
const TYPESCRIPT = ['.ts', '.mts'];
const EXTENSIONS = [...JAVASCRIPT, ...TYPESCRIPT];

/** What a module exports. Throws `UsageError`, which says what is wrong with it. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path);
  const extension = extname(file);
  if (!existsSync(file)) throw new UsageError(`${path} cannot be loaded: no such file${hintFor(file, path)}`);
  if (statSync(file).isDirectory()) throw new UsageError(`${path} cannot be loaded: it is a folder, name a file in it`);
  if (!EXTENSIONS.includes(extension)) {
    throw new UsageError(`${path} cannot be loaded: a module ends in ${EXTENSIONS.join(', ')}`);
  }
  const namespace = await load(file, extension).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be loaded: ${traceOf(error, file)}${remedyOf(error)}`, { cause: error });
  });
  return { ...(namespace as Record<string, unknown>), default: defaultOf(namespace) };
}

/** Node loads JavaScript itself; Node 20 loads no TypeScript. */
async function load(file: string, extension: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  if (JAVASCRIPT.includes(extension)) return await import(url);
  const { createJiti } = await import('jiti');
  return await createJiti(url, { fsCache: false, interopDefault: false }).import(file);
}

/** What a module exports by default; one that was compiled to CommonJS has it one level deeper. */
function defaultOf(namespace: unknown): unknown {
  const found = (namespace as { default?: unknown }).default;
  const isCompiled = typeof found === 'object' && found !== null && '__esModule' in found && 'default' in found;
  return isCompiled ? found.default : found;
}

function hintFor(file: string, path: string): string {
  const found = EXTENSIONS.find((extension) => existsSync(file + extension));
  return found === undefined ? '' : `, did you mean ${path}${found}?`;
}

/** What the module has thrown, with those frames of its stack that are not ours. */
function traceOf(error: unknown, file: string): string {
  if (!(error instanceof Error)) return textOf(error);
  const lines = (error.stack ?? error.message).split('\n');
  const ours = lines.findIndex(
    (line) => line.includes(import.meta.url) || line.includes(fileURLToPath(import.meta.url)),
  );
  const theirs = lines
    .slice(0, ours < 0 ? undefined : ours)
    .filter((line) => !/^ +at .*(?:node:internal\/|[\\/]jiti[\\/])/.test(line))
    .join('\n');
  return error instanceof SyntaxError && !theirs.includes('\n') ? (placeOfMistake(file) ?? theirs) : theirs;
}

/** A package that is not installed, as Node and jiti name it. No path, and nothing that begins with `node:` or `#`. */
const MISSING_PACKAGE = /^Cannot find (?:package|module) '((?:@[^/']+\/)?[^./\\@#:'][^/\\:']*)['/]/;

function remedyOf(error: unknown): string {
  const [, name] = MISSING_PACKAGE.exec(error instanceof Error ? error.message : '') ?? [];
  return name === undefined ? '' : `\n(npm install ${name})`;
}

/** Where Node cannot parse a file, in its own words: it tells that only of a program that it was to start. Undefined if it can. */
function placeOfMistake(file: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr.split(/\n +at /, 1)[0];
}
