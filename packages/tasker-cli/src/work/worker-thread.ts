/** What a thread of `--threads` runs: the worker of a module, with a resource of its own. */
import type { DestroyReason, HealthInfo } from 'tasker';
import type { ThreadCall } from 'tasker/threads';
import { encodeResult } from '../basics/encoded-result.ts';
import { describeError, logText, textOf } from '../basics/error-description.ts';
import type { Judgement, ThreadData, ThreadOutcome, ThreadTask } from './thread-protocol.ts';
import { loadWorker } from './load-worker.ts';
import type { Worker } from './load-worker.ts';

/** What a thread keeps. */
interface State {
  readonly worker: Worker;
  readonly resource: unknown;
  readonly owner: Owner;
  /** Why the thread ends. */
  reason: DestroyReason;
}

export async function onCreate({ path, kind }: ThreadData): Promise<State> {
  const worker = await loadWorker(path);
  const owner = new Owner();
  // Never aborts: a thread that is no longer wanted is ended.
  const { signal } = new AbortController();
  const resource = await worker.options.onCreate?.({ signal, kind, invalidate: owner.invalidate });
  return { worker, resource, owner, reason: 'shutdown' };
}

export async function onDestroy({ worker, resource, reason }: State): Promise<void> {
  await worker.options.onDestroy?.(resource, reason);
}

export default {
  /** Tells why the thread is about to end. */
  leave(this: ThreadCall<State>, reason: DestroyReason): void {
    this.state.reason = reason;
  },

  /** Lasts as long as the thread: only so long can it call back. */
  listen(this: ThreadCall<State>, log: Callback, invalidate: Callback): Promise<void> {
    this.state.owner.connect(log, invalidate);
    return new Promise((resolve) => this.signal.addEventListener('abort', () => resolve()));
  },

  async validate(this: ThreadCall<State>): Promise<boolean> {
    return (await this.state.worker.options.validate?.(this.state.resource)) ?? true;
  },

  async onRelease(this: ThreadCall<State>): Promise<void> {
    await this.state.worker.options.onRelease?.(this.state.resource);
  },

  async run(this: ThreadCall<State>, item: unknown, { index, task }: ThreadTask): Promise<ThreadOutcome> {
    const { worker, resource, owner } = this.state;
    const { log, invalidate } = owner;
    const { id, name, attempt } = task;
    const signalOf = (): AbortSignal => this.signal;
    const context = {
      ...{ index, id, name, attempt, worker: task.worker, log, invalidate },
      get signal() {
        return signalOf();
      },
    };
    try {
      return { result: encodeResult(await worker.run(item, resource, context)) };
    } catch (error) {
      const judgement = judge(worker, error, { resource, task, invalidated: false });
      return { error: describeError(error), judgement };
    }
  },
};

/** Asks `checkHealth` here, where the error and the resource are what they are. Undefined if there is none. */
function judge({ options }: Worker, error: unknown, info: HealthInfo<unknown>): Judgement | undefined {
  if (options.checkHealth === undefined) return undefined;
  try {
    return { verdict: structuredClone(options.checkHealth(error, info)) }; // a promise is none, and cannot leave
  } catch (mistake) {
    return { mistake: textOf(mistake) };
  }
}

/** A function of the main thread. */
type Callback = (text: string | undefined) => Promise<unknown>;

/** The main thread, which hears of what is said before it listens as soon as it does. */
class Owner {
  #callbacks: { readonly log: Callback; readonly invalidate: Callback } | undefined;
  readonly #waiting: (() => void)[] = [];

  connect(log: Callback, invalidate: Callback): void {
    this.#callbacks = { log, invalidate };
    for (const say of this.#waiting) say();
  }

  readonly log = (message: unknown): void => this.#say('log', logText(message));

  readonly invalidate = (reason?: unknown): void =>
    this.#say('invalidate', reason === undefined ? undefined : textOf(reason));

  #say(what: 'log' | 'invalidate', text: string | undefined): void {
    if (this.#callbacks === undefined) this.#waiting.push(() => this.#say(what, text));
    else this.#callbacks[what](text).catch(() => {}); // the thread is ending
  }
}
