import { DelayedError, UnrecoverableError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import { keptText } from '../basics/json-value.ts';
import type { Store } from '../store/store.ts';
import { fromBullPriority } from './bull-priority.ts';
import type { Claim, Consumer, Ending, Outcome, Payload, WorkOptions } from './engine.ts';
import { reasonOf } from './failed-reason.ts';
import { LockKeeper } from './lock-keeper.ts';
import { patientEndings } from './patient-endings.ts';
import type { Telemetry } from './telemetry.ts';

/** Seconds that a worker without tasks waits to be woken before it looks itself: on PostgreSQL a wake-up may get lost. */
const DRAIN_DELAY = 1;
/** Milliseconds before a worker whose store is away asks again. */
const RETRY_DELAY = 1_000;
/** How often a task may be lost with its worker is told by `Claim.losses`, and decided by whoever runs it. */
const ANY_LOSSES = 1_000_000;

/** Takes tasks with a Worker of BullMQ, and does to their jobs what becomes of them. */
export class BullConsumer implements Consumer {
  readonly #store: Store;
  readonly #queue: string;
  readonly #name: string;
  readonly #worker: Worker<Payload, Outcome>;
  readonly #run: (claim: Claim) => Promise<Ending>;
  /** Tells other workers of a task that was handed back. */
  readonly #offer: (id: string, name: string) => Promise<void>;
  readonly #locks: LockKeeper;
  /** Pauses and resumptions, one after another. */
  #steps: Promise<void> = Promise.resolve();
  #isPaused = false;

  constructor(
    store: Store,
    queue: string,
    options: WorkOptions & {
      keep: { age: number };
      telemetry: Telemetry | undefined;
      offer(id: string, name: string): Promise<void>;
    },
    run: (claim: Claim) => Promise<Ending>,
  ) {
    this.#store = store;
    this.#queue = queue;
    this.#name = options.worker;
    this.#run = run;
    this.#offer = (id, name) => options.offer(id, name);
    const { rate, keep, telemetry } = options;
    this.#worker = new Worker<Payload, Outcome>(
      queue,
      (job, token) => this.#process(job, token),
      {
        connection: store.connection as never,
        name: options.worker,
        concurrency: options.concurrency,
        lockDuration: options.lock,
        skipLockRenewal: true,
        stalledInterval: options.lockCheck,
        maxStalledCount: ANY_LOSSES,
        drainDelay: DRAIN_DELAY,
        runRetryDelay: RETRY_DELAY,
        removeOnComplete: keep,
        removeOnFail: keep,
        settings: { backoffStrategy: (_made, _type, error) => (error instanceof Again ? error.delay : 0) },
        ...(telemetry === undefined ? {} : { telemetry }),
        ...(rate === undefined ? {} : { limiter: { max: rate.limit, duration: rate.interval } }),
      },
      patientEndings(store.factory, {
        storing: (id, token) => this.#locks.leave(id, token),
        refused: (id, token, error) => {
          this.#locks.keep(id, token); // else another worker would run it meanwhile
          options.error(error);
        },
      }) as never,
    );
    this.#locks = new LockKeeper(
      options.lock,
      (ids, tokens) => this.#worker.extendJobLocks(ids, tokens, options.lock),
      (ids) => options.lost(ids),
    );
    this.#worker.on('error', (error) => options.error(error));
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
    this.#store.localWorkers?.add(this.#queue, this.#name);
  }

  setConcurrency(concurrency: number): void {
    const isMore = concurrency > this.#worker.concurrency;
    if (concurrency === this.#worker.concurrency) return;
    this.#worker.concurrency = concurrency;
    // A worker that is busy looks at it when a task ends; this wakes it.
    if (isMore && !this.#isPaused) {
      void this.#step(async () => {
        if (this.#isPaused || this.#worker.closing) return;
        await this.#worker.pause(true);
        await this.#worker.resume();
      });
    }
  }

  pause(): Promise<void> {
    this.#isPaused = true;
    return this.#step(() => this.#worker.pause(true));
  }

  resume(): Promise<void> {
    this.#isPaused = false;
    return this.#step(() => this.#worker.resume());
  }

  async close(): Promise<void> {
    this.#isPaused = true;
    this.#store.localWorkers?.delete(this.#queue, this.#name);
    await this.#worker.close();
    this.#locks.stop();
  }

  #step(step: () => Promise<void>): Promise<void> {
    this.#steps = this.#steps.then(step).catch(() => {}); // the worker tells of its errors itself
    return this.#steps;
  }

  async #process(job: Job<Payload, Outcome>, token = ''): Promise<Outcome> {
    const claim = claimOf(job);
    this.#locks.keep(claim.id, token);
    const ending = await this.#run(claim).finally(() => this.#locks.leave(claim.id, token));
    switch (ending.kind) {
      case 'ended':
        if (ending.outcome.ok) return ending.outcome;
        // A failure that BullMQ does not repeat.
        throw withoutStack(new UnrecoverableError(reasonOf(ending.outcome.error)), ending.outcome.error.stack);
      case 'again':
        throw withoutStack(new Again(reasonOf(ending.error), ending.delay), ending.error.stack);
      default:
        // Of a paused worker: with `moveToWait` it would take the task again itself.
        await job.moveToDelayed(Date.now() + ending.delay, token);
        if (ending.isOffered) await this.#offer(job.id ?? '', job.name).catch(() => {}); // the delay will do
        throw new DelayedError();
    }
  }
}

/** A run that has failed and is to be repeated. */
class Again extends Error {
  readonly delay: number;

  constructor(message: string, delay: number) {
    super(message);
    this.delay = delay;
  }
}

/** BullMQ keeps the stack, and dashboards show it: that of the error itself, not of how it came here; of one without a stack the line for people. */
function withoutStack(error: Error, stack: string | undefined): Error {
  error.stack = keptText(stack ?? error.message.split('\n', 1)[0] ?? '');
  return error;
}

function claimOf(job: Job<Payload, Outcome>): Claim {
  return {
    id: job.id ?? '',
    name: job.name,
    payload: job.data,
    priority: fromBullPriority(job.opts.priority),
    failures: job.attemptsMade,
    losses: job.stalledCounter,
    claims: job.attemptsStarted,
    progress: (value) => job.updateProgress({ value }),
  };
}
