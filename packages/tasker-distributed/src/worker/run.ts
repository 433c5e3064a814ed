import { TaskerError, isTaskerError } from 'tasker';
import type { TaskContext, TaskHandle, TaskManager, TaskState } from 'tasker';
import { DistributedError } from '../basics/distributed-error.ts';
import { jsonCopy } from '../basics/json-value.ts';
import { wholeMs } from '../basics/whole-ms.ts';
import { toWire } from '../basics/wire-error.ts';
import { deadlineError, queueTimeoutError, tooLateToBegin, tooLateToGoOn } from '../basics/limits.ts';
import type { Limited } from '../basics/limits.ts';
import type { Claim, Ending } from '../engine/engine.ts';
import { checkSchema } from '../tasks/check-schema.ts';
import type { NamedTask } from '../tasks/define-tasks.ts';
import { Progress } from './progress.ts';
import { RunContext } from './run-context.ts';
import type { Verdicts } from './verdicts.ts';

/** Milliseconds before a task that this worker has handed back may be taken again: this one must have stopped. */
const BACK_DELAY = 1_000;
/** Backoff on a resource that was kept, as the core's: full jitter from 100 ms, doubling to 5 s. */
const KEPT_BACKOFF = { initial: 100, max: 5_000 };
/** Before a task may be taken again that this worker cannot run: doubling. Other workers need not wait for it, if they hear of it. */
const WAIT_BACKOFF = { initial: 500, max: 5_000 };

const OPEN: readonly TaskState[] = ['queued', 'running', 'retrying'];

/** What a run asks of its worker. */
export interface RunOwner<R> {
  /** That of the resources. */
  readonly core: TaskManager<R>;
  readonly process: string;
  readonly maxRetries: number;
  readonly backoff: ((attempt: number) => number) | undefined;
  /** By the clock of the store. */
  now(): number;
  readonly verdicts: Pick<Verdicts<R>, 'expect' | 'wishOf'>;
  /** No resource can be made here at present. */
  reportNoResource(error: unknown): void;
}

/** One claim, run on a resource of this process, and what becomes of it. */
export class Run<R> {
  readonly #owner: RunOwner<R>;
  readonly #task: NamedTask<R>;
  readonly #claim: Claim;
  readonly #handle: TaskHandle<unknown>;
  readonly #attempt: number;
  /** What becomes of the claim, whatever its function does; set by whoever lets go of it. */
  #ending: Ending | undefined;
  #hasBegun = false;

  constructor(owner: RunOwner<R>, task: NamedTask<R>, claim: Claim) {
    this.#owner = owner;
    this.#task = task;
    this.#claim = claim;
    this.#attempt = claim.failures + claim.losses + 1;
    const { id, payload, priority, name } = claim;
    this.#handle = owner.core.submit<unknown>((resource, core) => this.#call(resource, core), {
      name,
      meta: { id },
      priority,
      // The core says whether it would repeat; any worker may then.
      retry: payload.once === true ? false : { maxRetries: 0 },
      ...(payload.timeout === undefined ? {} : { timeout: payload.timeout }),
      ...(payload.startBy === undefined || !isFresh(claim)
        ? {}
        : { queueTimeout: Math.max(0, payload.startBy - owner.now()) }),
      ...(payload.endBy === undefined ? {} : { deadline: Math.max(0, payload.endBy - owner.now()) }),
    });
  }

  async ending(): Promise<Ending> {
    const end = this.#owner.verdicts.expect(this.#handle.id);
    try {
      const value = await this.#handle.result;
      const outcome = { ok: true as const, name: this.#claim.name, ...(value === undefined ? {} : { value }) };
      return this.#ending ?? { kind: 'ended', outcome };
    } catch (error) {
      return this.#ending ?? this.#endingOf(error);
    } finally {
      end();
    }
  }

  cancel(reason: unknown): void {
    this.#handle.cancel(reason);
  }

  /** Whether its function was called. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Gives the task back, as if it had not been taken; one that may run once and has begun is lost. Its signal aborts. */
  giveBack(reason: unknown): void {
    if (!OPEN.includes(this.#handle.state)) return; // its ending is on its way
    const isLost = this.#claim.payload.once === true && this.hasBegun;
    this.#ending = isLost
      ? failed(
          new TaskerError('KILLED', `task ${this.#claim.id} may run once, and its worker was killed`, {
            cause: reason,
          }),
        )
      : { kind: 'back', delay: BACK_DELAY, isOffered: false };
    this.#handle.cancel(reason);
  }

  async #call(resource: R, core: TaskContext): Promise<unknown> {
    this.#hasBegun = true;
    const { id, name, payload } = this.#claim;
    const progress = new Progress((value) => this.#claim.progress(value));
    const about = { id, name, attempt: this.#attempt, process: this.#owner.process };
    const context = new RunContext(core, about, (value) => progress.tell(value));
    let { input } = payload;
    if (this.#task.input !== undefined) {
      input = await checkSchema(this.#task.input, 'input', name, input, core);
      core.signal.throwIfAborted(); // cancelled meanwhile: its function would not hear of it
    }
    const value = jsonCopy(await this.#task.run(resource, input, context), `result of ${JSON.stringify(name)}`);
    if (this.#task.output !== undefined) await checkSchema(this.#task.output, 'output', name, value, core);
    return value;
  }

  #endingOf(error: unknown): Ending {
    if (isTaskerError(error, 'RETRIES_EXHAUSTED') && error.task?.id === this.#handle.id)
      return this.#again(error.cause);
    if (isTaskerError(error, 'CREATE_FAILED')) {
      this.#owner.reportNoResource(error);
      return { kind: 'back', delay: doubling(WAIT_BACKOFF, this.#claim.claims), isOffered: true };
    }
    // The manager was shut down before the task had begun, or by somebody else than us.
    if (isTaskerError(error, 'STOPPED')) return { kind: 'back', delay: BACK_DELAY, isOffered: false };
    const isOfTask = isTaskerError(error) && error.task?.id === this.#handle.id;
    return failed(isOfTask ? this.#inWordsOfAll(error) : error);
  }

  /** What the core says of the task, with the id by which other machines know it. */
  #inWordsOfAll({ code, message, cause }: TaskerError): TaskerError {
    const task = limitedBy(this.#claim);
    if (code === 'QUEUE_TIMEOUT') return queueTimeoutError(task);
    if (code === 'DEADLINE') return deadlineError(task, cause);
    const own = message.replace(`task ${this.#handle.id} `, `task ${task.id} `);
    return new TaskerError(code, own, cause === undefined ? {} : { cause });
  }

  /** The resource was sick: the core replaces it, and the task runs again, anywhere, if it may. */
  #again(error: unknown): Ending {
    const { maxRetries, backoff } = this.#owner;
    const wish = this.#owner.verdicts.wishOf(this.#handle.id);
    if (this.#attempt > maxRetries) return failed(exhausted(this.#claim.id, this.#attempt, error));
    const delay = wish.after ?? backoff?.(this.#attempt) ?? (wish.isKept ? jitter(this.#attempt) : 0);
    return { kind: 'again', error: toWire(error), delay: wholeMs(delay) };
  }
}

/** What becomes of a claim that must not run at all: undefined if it may. */
export function endingBeforeRun(claim: Claim, maxRetries: number, now: number): Ending | undefined {
  return endingOfLoss(claim, maxRetries) ?? endingOfLate(claim, now);
}

function endingOfLate(claim: Claim, now: number): Ending | undefined {
  const tooLate = isFresh(claim) ? tooLateToBegin : tooLateToGoOn;
  const error = tooLate(limitedBy(claim), now);
  return error === undefined ? undefined : failed(error);
}

/** No run of it has counted. */
function isFresh({ failures, losses }: Claim): boolean {
  return failures + losses === 0;
}

function limitedBy({ id, name, payload }: Claim): Limited {
  return { id, name, limits: payload };
}

function endingOfLoss({ id, payload, losses, failures }: Claim, maxRetries: number): Ending | undefined {
  if (losses === 0) return undefined;
  if (payload.once === true) {
    const message = `task ${id} may run once, and its worker has died: how far it had come is not known`;
    return failed(new DistributedError('ONCE_LOST', message));
  }
  const runs = failures + losses;
  return runs > maxRetries ? failed(exhausted(id, runs, new Error('its worker has died'))) : undefined;
}

/** What becomes of a claim whose name this process does not know. */
export function endingOfUnknown({ claims }: Claim): Ending {
  return { kind: 'back', delay: doubling(WAIT_BACKOFF, claims), isOffered: true };
}

function exhausted(id: string, runs: number, cause: unknown): TaskerError {
  const times = runs === 1 ? 'once' : `${runs} times`;
  return new TaskerError('RETRIES_EXHAUSTED', `task ${id} has run ${times}, and failed each time`, { cause });
}

function failed(error: unknown): Ending {
  return { kind: 'ended', outcome: { ok: false, error: toWire(error) } };
}

function doubling({ initial, max }: { initial: number; max: number }, times: number): number {
  return Math.min(initial * 2 ** Math.max(0, times - 1), max);
}

function jitter(attempt: number): number {
  return Math.random() * doubling(KEPT_BACKOFF, attempt);
}
