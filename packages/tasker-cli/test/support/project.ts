import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Finished, Folder, MAIN, linesOf, tasker } from './command.ts';

const NODE_MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

/** What the templates ask for, of which the machine may have a say: a test says it itself. */
const UNSET = { BASE_URL: undefined, DATABASE_URL: undefined, OPENAI_BASE_URL: undefined };

/** A folder with what `tasker init` has written, and all packages installed. */
export class Project {
  readonly folder: Folder = new Folder();
  readonly #env: NodeJS.ProcessEnv;
  /** The run that it said to type. */
  #command = '';

  private constructor(env: NodeJS.ProcessEnv) {
    this.#env = { ...process.env, ...UNSET, ...env };
    symlinkSync(NODE_MODULES, join(this.folder.path, 'node_modules'));
  }

  static async create(template: string, env: NodeJS.ProcessEnv = {}): Promise<Project> {
    const project = new Project(env);
    const { stdout } = await tasker(['init', template], { cwd: project.folder.path });
    const [, run = ''] = /Try it:\n {2}(.+)\n {2}npx tasker report .+\n\n/.exec(stdout) ?? [];
    project.#command = run; // no other step is left
    return project;
  }

  /** Types the command that was printed, and flags. */
  run(...flags: string[]): Promise<Finished> {
    return this.shell([this.#command, ...flags].join(' '));
  }

  /** Runs a program that may import the module. */
  node(program: string): Promise<Finished> {
    return this.shell(`node --input-type=module --eval '${program}'`);
  }

  /** The lines of a file of results, in the order of the items. */
  results(name: string): unknown[] {
    const lines = linesOf(this.folder.read(name)) as { index: number }[];
    return lines.toSorted((a, b) => a.index - b.index);
  }

  /** Leaves the first lines of a file and half of the next one, as a crash may. */
  cut(name: string, lines: number): void {
    const all = this.folder.read(name).split('\n');
    this.folder.write(name, [...all.slice(0, lines), all[lines]?.slice(0, 20)].join('\n'));
  }

  /** Types a line into a shell that knows `tasker`, `npx tasker` and `node`. */
  async shell(line: string): Promise<Finished> {
    const node = `'${process.execPath}'`;
    const command = line.replace(/^(?:npx )?tasker /, `${node} '${MAIN}' `).replace(/^node /, `${node} `);
    const { path: cwd } = this.folder;
    const child = spawn('sh', ['-c', command], { cwd, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return new Finished(code, stdout, stderr);
  }
}
