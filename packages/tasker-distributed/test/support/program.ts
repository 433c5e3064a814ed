import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A process of our own that runs one of `programs/`, against the built package, or another program by its path. */
export class Program {
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: string[] = [];
  readonly #ended: Promise<unknown>;
  #told: (() => void) | undefined;

  /** `under`: a command that starts it. */
  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, under: readonly string[] = []) {
    const path = isAbsolute(name) ? name : fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url));
    const [command = process.execPath, ...others] = [...under, process.execPath, path, ...args];
    this.#process = spawn(command, others, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#process, 'close'); // its output included
    createInterface(this.#process.stdout).on('line', (line) => {
      this.#lines.push(line);
      this.#told?.();
    });
    const atExit = (): void => void this.#process.kill('SIGKILL');
    process.once('exit', atExit);
    this.#process.once('exit', () => {
      process.off('exit', atExit);
      this.#told?.();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) throw new Error('it has ended');
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  /** All further lines, until it ends by itself. */
  async rest(): Promise<readonly string[]> {
    await this.#ended;
    return this.#lines.splice(0);
  }

  /** Resolves with the code with which it has ended, null if the signal has ended it. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.#process.kill(signal);
    await this.#ended;
    return this.#process.exitCode;
  }
}
