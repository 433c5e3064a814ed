import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The environment without what an outer `npm run` put there, which would point the inner npm at this repository. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm|vitest|node_|jest)/i.test(name)),
);

/**
 * A stranger's project in a temporary directory, with the packed package installed: what they get, not what is on our
 * disk. Needs `npm run build` first; `npm test` does that.
 */
export class StrangerProject implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** `type` is that of its `package.json`; without one, the project is what `npm init` makes of an empty directory. */
  static async make(type?: 'module' | 'commonjs'): Promise<StrangerProject> {
    if (!existsSync(join(packageRoot, 'dist/index.js'))) throw new Error('nothing to pack: run `npm run build` first');
    const project = new StrangerProject(await mkdtemp(join(tmpdir(), 'tasker-stranger-')));
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project.root], {
      cwd: packageRoot,
      env: environment,
    });
    const tarball = /"filename":\s*"(.+?)"/.exec(stdout)?.[1];
    if (tarball === undefined) throw new Error(`npm pack named no file: ${stdout}`);
    if (type === undefined) await project.run('npm', 'init', '--yes');
    else await project.write('package.json', JSON.stringify({ name: 'stranger', private: true, type }));
    await project.run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
    return project;
  }

  /** Where the package was installed. */
  get installed(): string {
    return join(this.root, 'node_modules/tasker');
  }

  /** Puts the optional peers beside the package, as if they had been installed. */
  async addPeers(): Promise<void> {
    for (const peer of ['@opentelemetry/api', 'prom-client']) {
      const place = join(this.root, 'node_modules', peer);
      await mkdir(dirname(place), { recursive: true });
      await symlink(join(packageRoot, '../../node_modules', peer), place);
    }
  }

  /** Runs a program in the project; resolves with what it printed. A failure shows all of that. */
  async run(command: string, ...args: string[]): Promise<string> {
    try {
      const { stdout } = await run(command, args, { cwd: this.root, env: environment });
      return stdout.trim();
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error });
    }
  }

  async write(name: string, text: string): Promise<string> {
    const file = join(this.root, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return name;
  }

  /** Compiles the given files as a project of their own, the library's declarations checked too. */
  async compile(
    tsc: string,
    name: string,
    files: readonly string[],
    options: Record<string, unknown> = {},
  ): Promise<void> {
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', skipLibCheck: false, ...options };
    await this.write(name, JSON.stringify({ compilerOptions, files }));
    await this.run(process.execPath, tsc, '--project', name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
