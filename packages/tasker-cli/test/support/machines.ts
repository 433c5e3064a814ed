import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect, defineTasks } from '../../../tasker-distributed/src/index.ts';
import { RedisServer } from '../../../tasker-distributed/test/support/redis-server.ts';
import { Folder, RunningCommand, linesOf, moduleAt } from './command.ts';
import type { Finished } from './command.ts';

export { RedisServer };

/** Commands of one queue of a store, in one folder: the machines of a test. */
export class Machines {
  readonly folder: Folder = new Folder();
  readonly url: string;
  readonly #queue = `q-${randomUUID().slice(0, 8)}`;
  readonly #module: string;

  constructor(url: string, module = 'shared.mjs') {
    this.url = url;
    this.#module = moduleAt(module);
  }

  items(...items: string[]): void {
    this.folder.write('items.txt', items.join('\n'));
  }

  /** Starts a process; resolves when it takes tasks. */
  async worker(...flags: string[]): Promise<RunningCommand> {
    const worker = this.#start('worker', this.#module, ...flags);
    await worker.said('takes tasks');
    return worker;
  }

  /** Starts `tasker run` of the items. */
  run(...flags: string[]): RunningCommand {
    return this.#start('run', this.#module, '--lines', 'items.txt', '--out', 'out.jsonl', ...flags);
  }

  submit(...args: string[]): Promise<Finished> {
    return this.#start('submit', ...args).finish();
  }

  /** Submits, waits, and resolves with the lines of the results, in the order of the inputs. */
  async results(args: readonly string[], input?: string): Promise<unknown[]> {
    return byIndex((await this.#start('submit', ...args, '--wait').finish(input)).lines);
  }

  /** The lines that were written, in the order of the items. */
  get lines(): unknown[] {
    return byIndex(linesOf(this.folder.read('out.jsonl')));
  }

  /** The items that have begun, each as often as that, and in which processes. */
  get begun(): { readonly index: number; readonly pid: number }[] {
    if (!existsSync(join(this.folder.path, 'begun.txt'))) return [];
    const lines = this.folder.read('begun.txt').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [index = NaN, pid = NaN] = line.split(' ').map(Number);
      return { index, pid };
    });
  }

  /** Tasks that wait in the queue. */
  async waiting(): Promise<number> {
    await using client = await connect(defineTasks()({}), this.url, { name: this.#queue });
    return (await client.stats()).queued;
  }

  #start(...args: string[]): RunningCommand {
    return new RunningCommand([...args, '--url', this.url, '--queue', this.#queue], { cwd: this.folder.path });
  }
}

const byIndex = (lines: unknown[]): unknown[] => (lines as { index: number }[]).toSorted((a, b) => a.index - b.index);
