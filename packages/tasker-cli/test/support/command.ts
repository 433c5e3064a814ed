import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The path of a module of `test/modules`. */
export const moduleAt = (name: string): string => fileURLToPath(new URL(`../modules/${name}`, import.meta.url));

/** A folder of the test, removed after it. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'tasker-cli-'));

  constructor() {
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }));
  }

  /** Writes a file; returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }
}

/** What a command has come to. */
export class Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(code: number | null, stdout: string, stderr: string) {
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** The lines of standard output, without the times. */
  get lines(): unknown[] {
    return linesOf(this.stdout);
  }
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeOptions?: readonly string[];
  /** A command that starts the one after it. */
  readonly under?: readonly string[];
}

/** The real command in a process of its own. Its standard input stays open until `finish`. */
export class RunningCommand {
  readonly process: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';
  readonly #ended: Promise<unknown[]>;

  constructor(args: readonly string[], { cwd, env, nodeOptions = [], under = [] }: CommandOptions = {}) {
    const [command = '', ...rest] = [...under, process.execPath, ...nodeOptions, MAIN, ...args];
    this.process = spawn(command, rest, { cwd, env: { ...process.env, ...env } });
    this.process.stdin.on('error', () => {}); // it may end before it has read all
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = once(this.process, 'close');
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  /** What it has said so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when standard error has said so, as often as `times`. */
  async said(text: string, times = 1): Promise<void> {
    while (this.#stderr.split(text).length <= times) {
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(`it ended without ${text}: ${this.#stderr}`);
      await Promise.race([once(this.process.stderr, 'data'), this.#ended]);
    }
  }

  async finish(input?: string): Promise<Finished> {
    this.process.stdin.end(input);
    const [code] = (await this.#ended) as [number | null];
    return new Finished(code, this.#stdout, this.#stderr);
  }
}

/** Runs the command to its end. */
export function tasker(args: readonly string[], options?: CommandOptions, input?: string): Promise<Finished> {
  return new RunningCommand(args, options).finish(input);
}

/** Lines of results as objects, their times as the names of their types. */
export function linesOf(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    for (const time of ['waitMs', 'runMs', 'finishedAt']) if (time in parsed) parsed[time] = typeof parsed[time];
    return parsed;
  });
}
