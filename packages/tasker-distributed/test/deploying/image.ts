import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DockerfileParser } from 'dockerfile-ast';
import type { Copy, Instruction } from 'dockerfile-ast';
import { deploying } from './manifests.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../../..', import.meta.url));
/** The environment without what an outer `npm run` put there, which would point the inner npm at this repository. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm|vitest|node_)/i.test(name))),
  PATH: `${join(repository, 'node_modules/.bin')}:${process.env['PATH']}`,
};
/** Ours, which the image gets as strangers do. */
const PACKED = ['tasker', 'tasker-distributed'];

/**
 * What the Dockerfile makes, where there is no Docker: its steps are done in folders. In the place of `npm ci`, which would ask a registry, our
 * packages are packed and unpacked, and what they depend on is copied.
 */
export class Image implements AsyncDisposable {
  readonly #root: string;
  /** Of the last stage. */
  #folder = '';
  readonly #said = new Map<string, string>();
  readonly #commands = new Map<string, readonly string[]>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async build(): Promise<Image> {
    const image = new Image(await mkdtemp(join(tmpdir(), 'tasker-image-')));
    const text = await readFile(join(deploying, 'Dockerfile'), 'utf8');
    for (const instruction of DockerfileParser.parse(text).getInstructions()) await image.#do(instruction);
    return image;
  }

  /** The folder of the program. */
  get folder(): string {
    return join(this.#folder, this.#said.get('WORKDIR') ?? '');
  }

  /** What an instruction of the last stage says. */
  said(keyword: string): string {
    return this.#said.get(keyword) ?? '';
  }

  /** The words of `CMD` or `HEALTHCHECK`. */
  command(keyword: 'CMD' | 'HEALTHCHECK'): readonly string[] {
    return this.#commands.get(keyword) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }

  async #do(instruction: Instruction): Promise<void> {
    const keyword = instruction.getKeyword();
    const words = instruction.getArguments().map((argument) => argument.getValue());
    switch (keyword) {
      case 'FROM':
        this.#folder = join(this.#root, words[2] ?? 'image');
        this.#said.clear();
        return;
      case 'COPY':
        return this.#copy(instruction as Copy, words);
      case 'RUN':
        if (words.join(' ') === 'npm ci') await this.#install();
        else await run(words[0] ?? '', words.slice(1), { cwd: this.folder, env: environment });
        return;
      case 'CMD':
      case 'HEALTHCHECK': {
        const [strings = '[]'] = /\[.*\]/s.exec(instruction.getArgumentsContent() ?? '') ?? [];
        this.#commands.set(keyword, JSON.parse(strings) as string[]);
        return;
      }
      default:
        this.#said.set(keyword, words.join(' '));
        if (keyword === 'WORKDIR') await mkdir(this.folder, { recursive: true });
    }
  }

  async #copy(copy: Copy, words: readonly string[]): Promise<void> {
    const stage = copy.getFromFlag()?.getValue() ?? undefined;
    const from = stage === undefined ? deploying : join(this.#root, stage);
    const allowed = await readFile(join(deploying, '.dockerignore'), 'utf8');
    for (const source of words.slice(0, -1)) {
      if (stage === undefined && !allowed.split('\n').includes(`!${source}`)) throw new Error(`${source} is ignored`);
      if (source === 'package-lock.json') continue; // `npm install` makes one for whoever copies the folder
      const target = join(this.folder, words.at(-1) ?? '');
      await cp(join(from, source), target.endsWith('/') ? join(target, source.split('/').at(-1) ?? '') : target, {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }

  async #install(): Promise<void> {
    const modules = join(this.folder, 'node_modules');
    const list = ['ls', '--all', '--parseable', '--omit=dev', '--workspace', 'tasker-deploying'];
    const { stdout } = await run('npm', list, { cwd: repository, env: environment });
    for (const path of stdout.trim().split('\n')) {
      // What is below a workspace goes below the package of its name.
      const place = relative(repository, path).replace(`packages${sep}`, `node_modules${sep}`);
      const name = place.split(`node_modules${sep}`).at(-1) ?? '';
      if (name === '' || name === 'tasker-deploying') continue;
      if (PACKED.includes(name)) await this.#unpack(name, join(this.folder, place));
      else await cp(path, join(this.folder, place), { recursive: true });
    }
    // Copied, not linked: `npm prune` deletes it. The compiler is found by its path.
    await cp(join(repository, 'node_modules/@types/node'), join(modules, '@types/node'), { recursive: true });
  }

  async #unpack(name: string, place: string): Promise<void> {
    const packing = await mkdtemp(join(this.#root, 'pack-'));
    const options = ['--ignore-scripts', '--pack-destination', packing];
    await run('npm', ['pack', ...options], { cwd: join(repository, 'packages', name), env: environment });
    const [tarball = ''] = await readdir(packing);
    await mkdir(place, { recursive: true });
    await run('tar', ['--extract', '--file', join(packing, tarball), '--strip-components=1', '--directory', place]);
  }
}
