import { isDistributedError } from '../basics/distributed-error.ts';
import type { HealthInfo, OverloadVerdict, TaskManagerConfig, Verdict } from 'tasker';

/** What `checkHealth` has said of a run that is to be repeated. */
export interface RetryWish {
  /** Milliseconds from now, if it says when. */
  readonly after: number | undefined;
  /** The resource goes on, so that whatever troubles it needs time. */
  readonly isKept: boolean;
}

const NONE: RetryWish = { after: undefined, isKept: false };

/** Listens in on `checkHealth`: the core repeats on this machine, and here any machine may. */
export class Verdicts<R> {
  /** By the task's id in the core, of those that are {@link Verdicts.expect}ed. */
  readonly #wishes = new Map<string, RetryWish>();

  /** The configuration for the core. */
  listenIn(config: TaskManagerConfig<R>): TaskManagerConfig<R> {
    if (config.checkHealth === undefined) return config;
    return {
      ...config,
      checkHealth: (error, info: HealthInfo<R>) => {
        if (isOfPayload(error)) return true;
        const verdict = config.checkHealth?.(error, info) ?? true;
        if (typeof verdict === 'object' && verdict !== null) this.#note(info.task.id, verdict);
        return verdict;
      },
    };
  }

  /** Keeps what is said of a task, as of no other, until the function that this returns is called. */
  expect(id: string): () => void {
    this.#wishes.set(id, NONE);
    return () => void this.#wishes.delete(id);
  }

  wishOf(id: string): RetryWish {
    return this.#wishes.get(id) ?? NONE;
  }

  #note(id: string, verdict: Verdict | OverloadVerdict): void {
    if (verdict.task !== 'retry' || !this.#wishes.has(id)) return;
    const { after, resource } = verdict;
    const ms = after instanceof Date ? after.getTime() - Date.now() : after;
    this.#wishes.set(id, {
      after: ms !== undefined && ms >= 0 && ms < Infinity ? ms : undefined,
      isKept: resource === 'keep',
    });
  }
}

/** An input or a result that cannot be passed on says nothing of the resource. */
function isOfPayload(error: unknown): boolean {
  return (['INVALID_INPUT', 'INVALID_OUTPUT', 'NOT_JSON', 'TOO_LARGE'] as const).some((code) =>
    isDistributedError(error, code),
  );
}
