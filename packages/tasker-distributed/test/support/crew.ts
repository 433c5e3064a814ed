import { randomUUID } from 'node:crypto';
import { Program } from './program.ts';
import { RunLog } from './run-log.ts';

/** The processes of one queue, and the file in which they note what they do. */
export class Crew {
  readonly name: string = `q-${randomUUID().slice(0, 8)}`;
  readonly log: RunLog = new RunLog();
  readonly #url: string;
  readonly #programs = new Set<Program>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Starts one of `programs/`. */
  start(program: string, ...args: string[]): Program {
    const started = new Program(program, [this.#url, this.name, ...args], { LOG: this.log.path });
    this.#programs.add(started);
    return started;
  }

  /** A worker that takes tasks; it is taken for dead after `lock` ms. */
  async worker(places: number, lock = 15_000, lockCheck = lock / 4): Promise<Program> {
    const started = this.start('worker', String(places), String(lock), String(lockCheck));
    await started.line();
    return started;
  }

  /** A worker on a machine whose clock is wrong by so many ms. */
  async workerWithClock(by: number, places: number, lock: number): Promise<Program> {
    const preload = new URL('../programs/wrong-clock.mjs', import.meta.url).href;
    const env = { LOG: this.log.path, CLOCK: String(by), NODE_OPTIONS: `--import=${preload}` };
    const args = [this.#url, this.name, String(places), String(lock), String(lock / 4)];
    const started = new Program('worker', args, env);
    this.#programs.add(started);
    await started.line();
    return started;
  }

  /** Kills all, as a loss of power would. */
  async end(): Promise<void> {
    await Promise.all([...this.#programs].map((program) => program.end()));
    this.log.remove();
  }
}
