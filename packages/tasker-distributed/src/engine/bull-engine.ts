import { Queue } from 'bullmq';
import type { JobsOptions, QueueEvents, QueueEventsListener } from 'bullmq';
import { TaskerError, isTaskerError } from 'tasker';
import { isDistributedError } from '../basics/distributed-error.ts';
import { invalid } from '../basics/option-rules.ts';
import { atMost } from '../basics/within.ts';
import type { WireError } from '../basics/wire-error.ts';
import type { Store } from '../store/store.ts';
import { AddQueue } from './add-queue.ts';
import { BullConsumer } from './bull-consumer.ts';
import { toBullPriority } from './bull-priority.ts';
import type {
  Claim,
  Consumer,
  Ending,
  Engine,
  EngineSchedule,
  Found,
  Look,
  NewTask,
  Outcome,
  Payload,
  QueueCounts,
  TaskListener,
  WorkOptions,
} from './engine.ts';
import { EventStream, controlOf } from './event-stream.ts';
import { outcomeOfFailure } from './failed-reason.ts';
import { persistently } from './persistently.ts';
import type { Telemetry } from './telemetry.ts';

/** What BullMQ says of the next task of a schedule, on Redis and on PostgreSQL: it cannot be removed by itself. */
const OF_SCHEDULE = /belongs to a (?:job )?scheduler/;

/**
 * Seconds that results are kept. By age: on PostgreSQL a limit by number looks at all of them after each task. The worker says it; said in each
 * job, it was about a seventh of what PostgreSQL takes to add one.
 */
const KEEP = { age: 3_600 };
/** So often may a run fail; how often it does is the worker's to say. */
const ANY_ATTEMPTS = 1_000_000;

/** Longest wait for the store when the connection is closed. */
const CLOSE_TIMEOUT = 2_000;

const PENDING = ['prioritized', 'waiting', 'waiting-children'] as const;

/** A task with the context of telemetry in which it was submitted. */
type Traced = NewTask & { readonly context?: unknown };

/** The events of ours. */
interface ControlEvents extends QueueEventsListener {
  cancel: (event: CancelRequest) => void;
  offer: (event: Offer) => void;
}

interface CancelRequest {
  readonly id: string;
  readonly reason: string;
}

interface Offer {
  readonly id: string;
  readonly name: string;
}

/** BullMQ, on any of its stores. */
export class BullEngine implements Engine {
  readonly #store: Store;
  readonly #name: string;
  readonly #storeTimeout: number;
  readonly #telemetry: Telemetry | undefined;
  readonly #queue: Queue<Payload>;
  readonly #adds: AddQueue<Traced> = new AddQueue((tasks) => this.#send(tasks));
  readonly #events: EventStream;
  /** A queue of its own, of which only the events are used: a worker need not read what all tasks do. */
  readonly #control: EventStream;
  readonly #cleanup: (() => Promise<unknown>)[];
  /** What ends the commands under way. */
  readonly #open = new Set<AbortController>();

  #closing: Promise<void> | undefined;

  constructor(store: Store, name: string, storeTimeout: number, telemetry?: Telemetry) {
    this.#storeTimeout = storeTimeout;
    this.#store = store;
    this.#name = name;
    this.#telemetry = telemetry;
    const traced = telemetry === undefined ? {} : { telemetry };
    this.#queue = new Queue(name, { connection: store.connection as never, ...traced }, store.factory as never);
    this.#queue.on('error', () => {}); // whoever waits for an answer hears of it
    this.#events = new EventStream(store, name);
    this.#control = new EventStream(store, controlOf(name));
    this.#cleanup = [this.#queue, this.#events, this.#control].map((part) => () => part.close());
  }

  add(task: NewTask): Promise<string> {
    const context: unknown = this.#telemetry?.contextManager.active();
    return this.#adds.add(context === undefined ? task : { ...task, context });
  }

  now(): number {
    return Date.now() + this.#store.clock.shift;
  }

  async look(id: string): Promise<Look> {
    const found = await this.#queue.getBackend().isFinished(id, true);
    const [status, text] = Array.isArray(found) ? found : [found, ''];
    if (status === 0) return { state: 'waiting' };
    if (status === -1) return { state: 'unknown' };
    const outcome = status === 1 ? (JSON.parse(text) as Outcome) : outcomeOfFailure(text);
    return { state: 'ended', outcome };
  }

  async find(id: string): Promise<Found | undefined> {
    const job = await this.#do(() => this.#queue.getJob(id));
    return job === undefined ? undefined : { id, name: job.name, payload: job.data };
  }

  async remove(id: string): Promise<'removed' | 'running' | 'gone'> {
    const state = await this.#do(() => this.#queue.getJobState(id));
    if (state === 'active') return 'running';
    if (state === 'completed' || state === 'failed' || state === 'unknown') return 'gone';
    try {
      return (await this.#do(() => this.#queue.remove(id))) === 1 ? 'removed' : 'running';
    } catch (error) {
      if (!OF_SCHEDULE.test(String(error))) throw error;
      throw invalid(`the task ${JSON.stringify(id)} is the next one of a schedule: end that, by unschedule`, error);
    }
  }

  async requestCancel(id: string, reason: WireError): Promise<void> {
    await this.#do(() => this.#control.publish('cancel', { id, reason: JSON.stringify(reason) }));
  }

  async watch(listener: TaskListener): Promise<void> {
    const subscribe = (events: QueueEvents): void => {
      events.on('completed', ({ jobId, returnvalue }) => listener.ended(jobId, returnvalue as unknown as Outcome));
      events.on('failed', ({ jobId, failedReason }) => listener.ended(jobId, outcomeOfFailure(failedReason)));
      events.on('removed', ({ jobId }) => listener.removed(jobId));
      events.on('progress', ({ jobId, data }) => listener.progress(jobId, (data as { value?: unknown }).value));
    };
    await this.#do(() => this.#events.listen(subscribe));
  }

  async work(options: WorkOptions, run: (claim: Claim) => Promise<Ending>): Promise<Consumer> {
    const subscribe = (events: QueueEvents): void => {
      events.on<ControlEvents>('cancel', ({ id, reason }: CancelRequest) =>
        options.cancel(id, JSON.parse(reason) as WireError),
      );
      events.on<ControlEvents>('offer', ({ id, name }: Offer) => {
        if (options.accepts(name)) void this.#fetch(id);
      });
    };
    // First, so that what it takes can be cancelled.
    await this.#do(() => this.#control.listen(subscribe));
    const offer = (id: string, name: string): Promise<void> =>
      this.#do(() => this.#control.publish('offer', { id, name }));
    const consumer = new BullConsumer(
      this.#store,
      this.#name,
      { ...options, keep: KEEP, telemetry: this.#telemetry, offer },
      run,
    );
    this.#cleanup.push(() => consumer.close());
    await consumer.ready();
    return consumer;
  }

  async schedule(id: string, schedule: EngineSchedule | undefined): Promise<boolean> {
    if (schedule === undefined) return this.#do(() => this.#queue.removeJobScheduler(id));
    const { name, payload, priority, when } = schedule;
    const repeat =
      'every' in when
        ? { every: when.every }
        : { pattern: when.cron, ...(when.timeZone === undefined ? {} : { tz: when.timeZone }) };
    const template = { name, data: payload, opts: commonOptions(payload, priority) };
    try {
      await this.#do(() => this.#queue.upsertJobScheduler(id, repeat, template));
      return true;
    } catch (error) {
      if (!('cron' in when) || !isOfCron(error)) throw error;
      const message = `cron must be an expression of five or six fields, got ${JSON.stringify(when.cron)}`;
      throw new TaskerError('INVALID_CONFIG', message, { cause: error });
    }
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.#do(() =>
      this.#queue.getJobCounts(...PENDING, 'delayed', 'active', 'completed', 'failed'),
    );
    const of = (state: string): number => counts[state] ?? 0;
    return {
      queued: PENDING.reduce((sum, state) => sum + of(state), 0),
      delayed: of('delayed'),
      running: of('active'),
      completed: of('completed'),
      failed: of('failed'),
    };
  }

  async workers(): Promise<readonly string[]> {
    const { localWorkers } = this.#store;
    if (localWorkers !== undefined) return localWorkers.list(this.#name);
    const found = await this.#do(() => this.#queue.getWorkers());
    const names = found.map(({ rawname }) => /:w:(.+)$/.exec(rawname ?? '')?.[1]);
    return [...new Set(names.filter((name) => name !== undefined))];
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const command of this.#open) command.abort(closed());
      const closing = Promise.allSettled(this.#cleanup.map((close) => close()));
      // A store that is away answers none of them.
      await atMost(CLOSE_TIMEOUT, closing);
      await this.#store.close();
    })();
    return this.#closing;
  }

  /** Queues one task, or several of which none has a key. What traces them is of one submitter, or knows that of each. */
  async #send(tasks: readonly Traced[]): Promise<readonly string[]> {
    const [first] = tasks;
    if (first !== undefined && tasks.length === 1) {
      const add = (): Promise<{ id?: string }> => this.#queue.add(first.name, first.payload, this.#optionsOf(first));
      const { id = first.id } = await this.#do(() => this.#within(first.context, add));
      return [id];
    }
    const entries = tasks.map((task) => ({
      name: task.name,
      data: task.payload,
      opts: { ...this.#optionsOf(task), ...this.#originOf(task.context) },
    }));
    await this.#do(() => this.#queue.addBulk(entries));
    return tasks.map(({ id }) => id);
  }

  #optionsOf({ id, payload, priority, delay, dedupe }: NewTask): JobsOptions {
    const options: JobsOptions = { ...commonOptions(payload, priority), jobId: id };
    if (delay !== undefined) options.delay = delay;
    if (dedupe !== undefined) {
      options.deduplication = { id: dedupe.key, ...(dedupe.ttl === undefined ? {} : { ttl: dedupe.ttl }) };
    }
    if (this.#store.clock.shift !== 0) options.timestamp = this.now();
    return options;
  }

  #within<T>(context: unknown, fn: () => Promise<T>): Promise<T> {
    return this.#telemetry === undefined ? fn() : this.#telemetry.contextManager.with(context, fn);
  }

  #originOf(context: unknown): JobsOptions {
    if (this.#telemetry === undefined) return {};
    return { telemetry: { metadata: this.#telemetry.contextManager.getMetadata(context) } };
  }

  /** Lets a task that has been handed back start at once: the worker that did so would be the first to know when it is due, each time. */
  async #fetch(id: string): Promise<void> {
    await this.#queue
      .getBackend()
      .promote(id)
      .catch(() => {}); // another one was faster
  }

  /** A command; all may be given twice. After the close BullMQ answers none, so they are rejected then. */
  async #do<T>(command: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed();
    const ending = new AbortController();
    this.#open.add(ending);
    try {
      return await persistently(this.#storeTimeout, command, ending.signal);
    } finally {
      this.#open.delete(ending);
    }
  }
}

/** What is wrong with an expression is found out by BullMQ, in words of its own: the only error of its that is neither ours nor the store's. */
function isOfCron(error: unknown): boolean {
  return !isTaskerError(error) && !isDistributedError(error) && (error as { code?: unknown }).code === undefined;
}

function closed(): TaskerError {
  return new TaskerError('STOPPED', 'the connection was closed; what was asked for may have been done');
}

function commonOptions({ once }: Payload, priority: number): JobsOptions {
  return {
    priority: toBullPriority(priority),
    attempts: once === true ? 1 : ANY_ATTEMPTS,
    backoff: { type: 'tasker' },
  };
}
