import { Worker } from 'node:worker_threads';
import type { CreateContext } from 'tasker';
import type { Reply, Request, Sizes } from './compressor.mjs';

/** The thread has ended before it answered: the fault of the thread, not of the package. */
export class ThreadDied extends Error {
  constructor(exitCode: number, cause: unknown) {
    super(`the compressor thread exited with code ${exitCode}`, { cause });
    this.name = 'ThreadDied';
  }
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/** A worker thread that measures one package at a time. This is the resource of the task manager. */
export class CompressorThread {
  readonly #thread = new Worker(new URL('compressor.mjs', import.meta.url), { execArgv: [] });
  /** Whoever waits for the next message; at most one, since a worker runs one task at a time. */
  #waiter: Waiter | undefined = undefined;
  #death: ThreadDied | undefined = undefined;

  private constructor(died: (reason: ThreadDied) => void) {
    let cause: unknown;
    this.#thread.on('message', (reply: Reply) => this.#waiter?.resolve(reply));
    this.#thread.on('error', (error) => {
      cause = error;
    });
    this.#thread.on('exit', (exitCode) => {
      this.#death = new ThreadDied(exitCode, cause);
      this.#waiter?.reject(this.#death);
      died(this.#death);
    });
  }

  /** `onCreate`: starts a thread, and tells the manager when it dies, even while it has nothing to do. */
  static async start(context: CreateContext): Promise<CompressorThread> {
    const thread = new CompressorThread((reason) => context.invalidate(reason));
    await thread.#endOn(context.signal, thread.#reply()); // it says that it is warm
    return thread;
  }

  /** Measures a package. Aborting `signal` ends the thread, there is no other way to interrupt a compression. */
  async measure(request: Request, signal: AbortSignal): Promise<Sizes> {
    if (this.#death !== undefined) throw this.#death;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#thread.postMessage(request);
    const reply = await this.#endOn(signal, this.#reply());
    if (reply === 'ready') throw new Error('the compressor thread said that it is ready twice');
    if ('error' in reply) throw reply.error;
    return reply.sizes;
  }

  /** `onDestroy`. */
  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #reply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  async #endOn<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
    const end = (): void => void this.close();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}
