import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { MAIN } from './command.ts';

const ROWS = 24;

/** The real command on a terminal: `script`, of util-linux, makes one, and xterm reads what is drawn. */
export class TerminalCommand {
  readonly columns: number;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #screen: xterm.Terminal;
  readonly #ended: Promise<unknown[]>;
  /** All that was written, drawn or not. */
  raw = '';

  constructor(args: readonly string[], columns: number, cwd: string, env: Readonly<Record<string, string>> = {}) {
    this.columns = columns;
    this.#screen = new xterm.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
    const words = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    const line = `stty cols ${columns} rows ${ROWS}; exec ${words}`;
    this.#process = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
      cwd,
      env: { ...withoutColour(process.env), TERM: 'xterm-256color', ...env },
    });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.raw += text;
      this.#screen.write(text);
    });
    this.#ended = once(this.#process, 'close');
    onTestFinished(() => void this.#process.kill('SIGKILL'));
  }

  /** The lines that are to be seen, and those that have scrolled away; without blank ones at the end. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  /** Resolves with the lines once they fit. */
  async shows(pattern: RegExp): Promise<string[]> {
    for (;;) {
      const lines = await this.lines();
      if (pattern.test(lines.join('\n'))) return lines;
      if (this.#process.exitCode !== null || this.#process.signalCode !== null)
        throw new Error(`it ended without ${pattern}:\n${lines.join('\n')}`);
      await Promise.race([once(this.#process.stdout, 'data'), this.#ended]);
    }
  }

  /** Types. */
  type(text: string): void {
    this.#process.stdin.write(text);
  }

  /** Resolves with the exit code. */
  async end(): Promise<number | null> {
    const [code] = (await this.#ended) as [number | null];
    return code;
  }
}

/** Without what tells programs about colours and about where they run. */
function withoutColour(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CI: _ci, NO_COLOR: _no, FORCE_COLOR: _force, ...rest } = env;
  return rest;
}
