import { randomUUID } from 'node:crypto';
import { TaskerError } from 'tasker';
import { jsonCopy } from '../basics/json-value.ts';
import { ITERABLE, NAME, TEXT, requireRule } from '../basics/option-rules.ts';
import type { Given } from '../basics/option-rules.ts';
import { DistributedError } from '../basics/distributed-error.ts';
import { limitsIn, limitsOf } from '../basics/limits.ts';
import { messageOf } from '../basics/message-of.ts';
import { untilAbort } from '../basics/until-abort.ts';
import { fromWire } from '../basics/wire-error.ts';
import type { Engine, NewTask, Outcome } from '../engine/engine.ts';
import { checkSchema } from '../tasks/check-schema.ts';
import type { TaskDefinition } from '../tasks/define-tasks.ts';
import { Cancellations } from './cancellations.ts';
import { Expiries } from './expiries.ts';
import { Results } from './results.ts';
import { readSchedule } from './schedules.ts';
import type { Schedule } from './schedules.ts';
import { Maps } from './maps.ts';
import { newTask, readBulkOptions, readQueueOptions, readResultOptions, readSubmitOptions } from './submit-options.ts';
import type {
  BulkOptions,
  MapOptions,
  QueueOptions,
  ResultOptions,
  SettledMapOptions,
  SubmitOptions,
} from './submit-options.ts';
import type { QueueStats, TaskId, WorkerPresence } from './task-client.ts';

/** What a `TaskClient` does; its types are those of that interface. */
export class Client<R, T> {
  readonly #tasks: TaskDefinition<R, T>;
  readonly #engine: Engine;
  readonly #results: Results;
  readonly #cancellations: Cancellations;
  readonly #expiries: Expiries;
  readonly #maps: Maps = new Maps();
  /** Starts with the first that waits: who only submits need not read what all tasks do. */
  #watching: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(tasks: TaskDefinition<R, T>, engine: Engine, storeTimeout: number) {
    this.#tasks = tasks;
    this.#engine = engine;
    this.#results = new Results(engine, storeTimeout, (outcome) => this.#decode(outcome));
    this.#cancellations = new Cancellations(engine);
    this.#expiries = new Expiries(engine, this.#results);
  }

  /** A promise that keeps nothing of the input while it waits. */
  queueTask(name: string, input?: unknown, options?: QueueOptions): Promise<unknown> {
    try {
      this.#refuseClosed();
      return this.#queue(name, input, readQueueOptions(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  queueTaskOnce(name: string, input?: unknown, options?: QueueOptions): Promise<unknown> {
    return this.queueTask(name, input, { ...options, retry: false });
  }

  queueTaskWithPriority(name: string, input?: unknown, options?: QueueOptions): Promise<unknown> {
    return this.queueTask(name, input, { ...options, priority: options?.priority ?? 1 });
  }

  queueTaskWithPriorityOnce(name: string, input?: unknown, options?: QueueOptions): Promise<unknown> {
    return this.queueTaskWithPriority(name, input, { ...options, retry: false });
  }

  async submit(name: string, input?: unknown, options?: SubmitOptions): Promise<TaskId> {
    const given = readSubmitOptions(options);
    this.#refuseClosed();
    return this.#add(this.#newTask(given.id ?? randomUUID(), name, input, given));
  }

  async submitMany(name: string, inputs: Iterable<unknown>, options?: BulkOptions): Promise<TaskId[]> {
    const given = readBulkOptions(options);
    requireRule('inputs', inputs, ITERABLE);
    this.#refuseClosed();
    const limits = limitsOf(given, this.#engine.now());
    const { input: schema } = this.#tasks.task(name);
    const tasks: NewTask[] = [];
    for (const input of inputs) {
      const copy = jsonCopy(input, `input ${tasks.length} of ${JSON.stringify(name)}`);
      tasks.push(newTask(randomUUID(), name, copy, given, limits));
    }
    if (schema !== undefined) for (const { payload } of tasks) await checkSchema(schema, 'input', name, payload.input);
    const ends = await Promise.allSettled(tasks.map((task) => this.#engine.add(task)));
    const failed = ends.find((end) => end.status === 'rejected');
    const ids = tasks.map(({ id }) => id);
    if (failed === undefined) return ids;
    throw notAllStored(
      ids,
      ids.filter((_, i) => ends[i]?.status === 'fulfilled'),
      failed.reason,
    );
  }

  map(
    name: string,
    inputs: Iterable<unknown> | AsyncIterable<unknown>,
    options?: MapOptions | SettledMapOptions,
  ): AsyncIterableIterator<unknown> {
    const check = (): void => {
      this.#refuseClosed();
      this.#tasks.task(name);
    };
    return this.#maps.map(inputs, options, check, (input, each) => this.queueTask(name, input, each));
  }

  async result(id: string, options?: ResultOptions): Promise<unknown> {
    requireRule('id', id, TEXT);
    const { signal, onProgress } = readResultOptions(options);
    this.#refuseClosed();
    signal?.throwIfAborted();
    const result = this.#results.expect(id, onProgress);
    this.#watch().then(
      () => this.#lookFor(id, result),
      (error: unknown) => this.#results.fail(id, error),
    );
    return signal === undefined ? result : untilAbort(signal, result, () => this.#results.leave(id, onProgress));
  }

  async cancel(id: string, reason?: unknown): Promise<boolean> {
    requireRule('id', id, TEXT);
    this.#refuseClosed();
    const why = reason ?? new DOMException('the task was cancelled', 'AbortError');
    this.#results.fail(id, why);
    return this.#cancellations.cancel(id, why);
  }

  async withdraw(id: string): Promise<boolean> {
    requireRule('id', id, TEXT);
    this.#refuseClosed();
    if ((await this.#engine.remove(id)) !== 'removed') return false;
    this.#results.removed(id);
    return true;
  }

  async schedule(id: string, name: string, input: unknown, schedule: Schedule): Promise<void> {
    requireRule('id', id, NAME);
    this.#refuseClosed();
    const read = readSchedule(name, this.#copyOf(name, input), schedule);
    await this.#check(read);
    await this.#engine.schedule(id, read);
  }

  async unschedule(id: string): Promise<boolean> {
    requireRule('id', id, NAME);
    this.#refuseClosed();
    return this.#engine.schedule(id, undefined);
  }

  stats(): Promise<QueueStats> {
    return this.#engine.counts();
  }

  async workers(): Promise<readonly WorkerPresence[]> {
    return (await this.#engine.workers()).map((name) => ({ name }));
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#maps.close();
      this.#results.close();
      await this.#cancellations.close();
      await this.#engine.close();
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #queue(name: string, input: unknown, { signal, onProgress, ...options }: Given<QueueOptions>): Promise<unknown> {
    if (signal?.aborted === true) throw signal.reason;
    const { id = randomUUID() } = options;
    const task = this.#newTask(id, name, input, options);
    // Before it is in the queue: its end may be told before the store has said that it has it.
    const result = this.#results.expect(id, onProgress);
    const added = this.#watch().then(() => this.#add(task));
    added.then(
      (actual) => {
        this.#results.added(id, actual);
        const isOwn = actual === id && options.id === undefined; // one of that id may have been there
        return isOwn
          ? this.#expiries.watch({ id, name, limits: limitsIn(task.payload) }, result)
          : this.#expiries.find(actual, result);
      },
      (error: unknown) => this.#results.fail(id, error),
    );
    if (signal !== undefined) this.#cancelOnAbort(signal, id, added, result);
    return result;
  }

  async #lookFor(id: string, result: Promise<unknown>): Promise<void> {
    if (await this.#results.lookFor(id)) await this.#expiries.find(id, result);
  }

  /** What was passed, as it is at the call: its caller may change it at once. */
  #newTask(id: string, name: string, input: unknown, options: Given<SubmitOptions>): NewTask {
    return newTask(id, name, this.#copyOf(name, input), options, limitsOf(options, this.#engine.now()));
  }

  #copyOf(name: string, input: unknown): unknown {
    this.#tasks.task(name); // throws for one that there is not
    return jsonCopy(input, `input of ${JSON.stringify(name)}`);
  }

  /** Resolves with the id of the task that stands for it. */
  async #add(task: NewTask): Promise<string> {
    this.#refuseClosed();
    await this.#check(task);
    return this.#engine.add(task);
  }

  /** Rejects what no worker would take. */
  async #check({ name, payload }: Pick<NewTask, 'name' | 'payload'>): Promise<void> {
    const { input: schema } = this.#tasks.task(name);
    if (schema !== undefined) await checkSchema(schema, 'input', name, payload.input);
  }

  #cancelOnAbort(signal: AbortSignal, id: string, added: Promise<string>, result: Promise<unknown>): void {
    const abort = (): void => {
      if (this.#closing !== undefined) return; // who closes leaves the tasks to the workers
      this.#results.fail(id, signal.reason);
      const cancel = async (actual: string): Promise<void> => {
        this.#results.fail(actual, signal.reason);
        await this.#cancellations.cancel(actual, signal.reason);
      };
      added.then(cancel).catch(() => {}); // nothing to cancel, or the store is away
    };
    signal.addEventListener('abort', abort, { once: true });
    const settled = (): void => signal.removeEventListener('abort', abort);
    result.then(settled, settled);
  }

  #watch(): Promise<void> {
    this.#watching ??= this.#engine.watch(this.#results).catch((error: unknown) => {
      this.#watching = undefined; // the next one tries again
      throw error;
    });
    return this.#watching;
  }

  /** The result, or throws the error. */
  #decode(outcome: Outcome): unknown {
    if (!outcome.ok) throw fromWire(outcome.error);
    const { name, value } = outcome;
    // A newer deploy may have tasks that this one does not know.
    const schema = this.#tasks.names.includes(name as never) ? this.#tasks.task(name).output : undefined;
    return schema === undefined ? value : checkSchema(schema, 'output', name, value);
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new TaskerError('STOPPED', 'the client was closed');
  }
}

function notAllStored(ids: readonly string[], stored: readonly string[], cause: unknown): DistributedError {
  const message = `the store is known to have ${stored.length} of ${ids.length} tasks: ${messageOf(cause)}`;
  return new DistributedError('NOT_ALL_STORED', message, { cause, ids, stored });
}
