import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { repositoryRoot } from './pages.ts';
import type { Page } from './pages.ts';
import { isCode, toPrograms } from './programs.ts';
import type { ProgramFile } from './programs.ts';

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

/** A page that takes longer hangs. */
const PATIENCE = 60_000;

/** What a program did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory in which the programs of pages are checked and run, with the packages of this repository at hand. */
export class Workshop implements AsyncDisposable {
  readonly #root: string;
  readonly #files = new Map<string, readonly ProgramFile[]>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async make(pages: readonly Page[]): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), 'tasker-docs-')));
    await symlink(join(repositoryRoot, 'node_modules'), join(workshop.#root, 'node_modules'));
    await writeFile(join(workshop.#root, 'package.json'), JSON.stringify({ type: 'module' }));
    for (const page of pages) await workshop.#write(page);
    return workshop;
  }

  async #write({ path, blocks, setup }: Page): Promise<void> {
    const files = toPrograms(path, blocks.filter(isCode), setup);
    this.#files.set(path, files);
    const folder = folderOf(path);
    await mkdir(join(this.#root, 'check', folder), { recursive: true });
    await mkdir(join(this.#root, 'run', folder), { recursive: true });
    for (const { name, text, runnable = '' } of files) {
      await writeFile(join(this.#root, 'check', folder, name), text);
      const loader = name.endsWith('ts') ? 'ts' : 'js';
      // What does not even parse is left to the compiler to tell.
      const { code } = await transform(runnable, { loader, target: 'node20.19' }).catch(() => ({ code: '' }));
      await writeFile(join(this.#root, 'run', folder, compiled(name)), code);
    }
  }

  programs(path: string): readonly ProgramFile[] {
    return (this.#files.get(path) ?? []).filter(({ places, runnable }) => places.length > 0 && runnable !== undefined);
  }

  /** Checks all programs of all pages at once. The errors, each with its place in the page. */
  async check(): Promise<readonly string[]> {
    const files = [...this.#files].flatMap(([path, programs]) =>
      programs.map(({ name }) => `check/${folderOf(path)}/${name}`),
    );
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      allowJs: true,
      checkJs: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      allowUnreachableCode: true,
    };
    await writeFile(join(this.#root, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { stdout } = await this.#execute([tsc, '--project', '.', '--pretty', 'false'], '.');
    return stdout.split('\n').flatMap((line) => this.#locate(line));
  }

  /** An error of the compiler with the place in the page that it is about. */
  #locate(line: string): string[] {
    const error = /^check\/([^/]+)\/([^(]+)\((\d+),\d+\): (.*)$/.exec(line);
    if (error === null) return line.includes('error TS') ? [line] : [];
    const [, folder, name, number, message = ''] = error;
    const [path, programs = []] = [...this.#files].find(([path]) => folderOf(path) === folder) ?? [];
    const place = programs.find((program) => program.name === name)?.places[Number(number) - 1];
    return [`${place ?? `the setup of ${path}, ${name}:${number}`}: ${message}`];
  }

  run(path: string, { name }: ProgramFile, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.#execute([compiled(name)], join('run', folderOf(path)), env);
  }

  #execute(args: readonly string[], folder: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const options = { cwd: join(this.#root, folder), timeout: PATIENCE, env: { ...process.env, ...env } };
    return new Promise((resolve) => {
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        const { killed = false, code = 0 } = error ?? {};
        const late = killed ? `it did not end within ${PATIENCE} ms\n` : '';
        resolve({ code: typeof code === 'number' ? code : 1, stdout, stderr: `${late}${stderr}` });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}

const folderOf = (path: string): string => path.replaceAll('/', '+');
const compiled = (name: string): string => name.replace(/ts$/, 'js');
