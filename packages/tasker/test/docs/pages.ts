import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeBlocks, docblockBlocks } from './markdown.ts';
import type { CodeBlock } from './markdown.ts';
import type { Setup } from './programs.ts';

/** A page whose code is checked: Markdown, or the docblocks of a source file. */
export interface Page {
  /** Its path in the repository. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
  /** The files of `setup/<name of the page>/`, or of `setup/any/`; none of a page whose programs are whole. */
  readonly setup: Setup;
}

/** Pages whose programs are whole: they can be copied as they are. */
const WHOLE = /^docs\/(errors\/|(index|quickstart)\.md$)/;

export const repositoryRoot: string = fileURLToPath(new URL('../../../..', import.meta.url));

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

/** Paths below a folder of the repository. */
function below(folder: string, extension: string): string[] {
  return readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)(node_modules|dist)\/|^docs\/api\//.test(path)); // what is installed or built
}

/** The READMEs and everything in `docs/`. That of the core is the README itself, copied by its build. */
export function markdownPages(): Page[] {
  const readmes = ['cli', 'dashboard', 'distributed'].map((name) => `packages/tasker-${name}/README.md`);
  return ['README.md', ...readmes, ...below('docs', '.md')].map((path) => {
    const text = read(path);
    const name = /(?:packages\/)?([^/]+?)(?:\/README)?\.md$/.exec(path)?.[1]?.toLowerCase() ?? '';
    return { path, text, blocks: codeBlocks(path, text), setup: WHOLE.test(path) ? new Map() : setupOf(name) };
  });
}

/** The sources of the packages, as far as their docblocks have code. */
export function docblockPages(): Page[] {
  return below('packages', '.ts')
    .filter((path) => /^packages\/[^/]+\/src\//.test(path))
    .map((path) => {
      const text = read(path);
      return { path, text, blocks: docblockBlocks(path, text), setup: setupOf('any') };
    })
    .filter(({ blocks }) => blocks.length > 0);
}

/** All Markdown that tells what to type, for contributors as well. */
export function commandPages(): readonly { readonly path: string; readonly text: string }[] {
  const others = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'benchmarks/README.md'];
  return [...markdownPages(), ...others.map((path) => ({ path, text: read(path) }))];
}

function setupOf(name: string): Setup {
  const own = fileURLToPath(new URL(`setup/${name}/`, import.meta.url));
  const folder = existsSync(own) ? own : fileURLToPath(new URL('setup/any/', import.meta.url));
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
