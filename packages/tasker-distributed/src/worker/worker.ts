import type { ShutdownReport, TaskManager, TaskMetrics, TaskerEvents } from 'tasker';
import { DURATION, FUNCTION, INTERVAL, SIGNAL, readOptions } from '../basics/option-rules.ts';
import { jsonCopy } from '../basics/json-value.ts';
import { messageOf } from '../basics/message-of.ts';
import { fromWire } from '../basics/wire-error.ts';
import type { WireError } from '../basics/wire-error.ts';
import { atMost } from '../basics/within.ts';
import type { Claim, Consumer, Ending, Engine } from '../engine/engine.ts';
import { checkSchema } from '../tasks/check-schema.ts';
import type { TaskDefinition } from '../tasks/define-tasks.ts';
import { Capacity } from './capacity.ts';
import { nextProcessName } from './process-name.ts';
import { sharedManager } from './shared-manager.ts';
import type { WorkersOwn } from './shared-manager.ts';
import { RunContext } from './run-context.ts';
import { Run, endingBeforeRun, endingOfUnknown } from './run.ts';
import type { RunOwner } from './run.ts';
import type { RunOptions, WorkerStats } from './task-worker.ts';
import type { Verdicts } from './verdicts.ts';
import { Warnings } from './warnings.ts';
import type { ResolvedWorkerConfig } from './worker-config.ts';

/** Longest wait of `kill()` for the store. */
const HAND_BACK_TIMEOUT = 750;

type State = 'running' | 'paused' | 'stopping' | 'killed';

const RUN_RULES = { timeout: INTERVAL, signal: SIGNAL, onProgress: FUNCTION };

/** What a `TaskWorker` does; its types are those of that interface. */
export class Worker<R, T> implements RunOwner<R> {
  readonly name: string;
  readonly core: TaskManager<R>;
  /** The same, for others. */
  readonly manager: TaskManager<R>;
  readonly verdicts: Verdicts<R>;
  readonly maxRetries: number;
  readonly backoff: ((attempt: number) => number) | undefined;
  readonly #tasks: TaskDefinition<R, T>;
  readonly #config: ResolvedWorkerConfig<R>;
  readonly #engine: Engine;
  readonly #warnings: Warnings;
  readonly #capacity: Capacity;
  readonly #unknown = new Set<string>();
  readonly #runs = new Map<string, Run<R>>();
  #consumer: Consumer | undefined;
  #state: State = 'running';
  #leaveSignal: () => void = () => {};
  /** No resource could be made of late. */
  #isBarren = false;
  #stopping: Promise<ShutdownReport> | undefined;
  /** Ends the stop under way as something else ends. */
  #endStop: ((end: Promise<ShutdownReport>) => void) | undefined;
  #killing: Promise<ShutdownReport> | undefined;

  constructor(
    tasks: TaskDefinition<R, T>,
    config: ResolvedWorkerConfig<R>,
    engine: Engine,
    manager: TaskManager<R>,
    verdicts: Verdicts<R>,
  ) {
    this.name = nextProcessName(config.name);
    this.#tasks = tasks;
    this.#config = config;
    this.#engine = engine;
    this.core = manager;
    this.#capacity = new Capacity(manager, config.core.scaling !== 'off');
    this.manager = sharedManager(manager, this.#own());
    this.verdicts = verdicts;
    this.maxRetries = config.maxRetries;
    this.backoff = config.backoff;
    this.#warnings = new Warnings(config.core.logger);
  }

  get process(): string {
    return this.name;
  }

  async start(): Promise<void> {
    const { queueRate, lock, lockCheck, signal } = this.#config;
    const options = {
      worker: this.name,
      concurrency: this.#capacity.now,
      rate: queueRate,
      lock,
      lockCheck,
      cancel: (id: string, reason: WireError) => this.#runs.get(id)?.cancel(fromWire(reason)),
      accepts: (name: string) =>
        !this.#isBarren && this.#state === 'running' && this.#tasks.names.includes(name as never),
      lost: (ids: readonly string[]) => this.#letGo(ids),
      error: (error: unknown) => this.#warnings.tell('store', `the store: ${messageOf(error)}`),
    };
    const consumer = await this.#engine.work(options, (claim) => this.#run(claim));
    this.#consumer = consumer;
    this.#capacity.follow((places) => consumer.setConcurrency(places));
    this.core.on('resourceCreated', () => (this.#isBarren = false));
    const stop = (): void => void this.stop();
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    this.#leaveSignal = () => signal?.removeEventListener('abort', stop);
  }

  now(): number {
    return this.#engine.now();
  }

  reportNoResource(error: unknown): void {
    this.#isBarren = true;
    this.#warnings.tell('create', `no resource can be made, tasks are handed back: ${messageOf(error)}`);
  }

  async runTask(name: string, input?: unknown, options?: RunOptions): Promise<unknown> {
    const { onProgress, ...others } = readOptions<RunOptions>(options, RUN_RULES);
    const task = this.#tasks.task(name);
    return this.core.runTask(
      async (resource, core) => {
        const about = { id: core.id, name, attempt: 1, process: this.name };
        const context = new RunContext(core, about, (value) => {
          const told = jsonCopy(value, 'progress');
          onProgress?.(told);
        });
        const parsed = await checkSchema(task.input, 'input', name, input, core);
        const value = await task.run(resource, parsed, context);
        return checkSchema(task.output, 'output', name, value, core);
      },
      { name, ...others },
    );
  }

  stats(): WorkerStats {
    return { ...this.core.stats(), claimedTasks: this.#runs.size, unknownTasks: [...this.#unknown] };
  }

  metrics(): TaskMetrics {
    return this.core.metrics();
  }

  async pause(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.core.pause();
    await this.#consumer?.pause();
    this.#giveBackWaiting();
  }

  async resume(): Promise<void> {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.core.resume();
    await this.#consumer?.resume();
  }

  async stop(options?: { timeout?: number }): Promise<ShutdownReport> {
    const { timeout } = readOptions<{ timeout?: number }>(options, { timeout: DURATION });
    this.#stopping ??= this.#killing ?? this.#stopUnlessKilled();
    if (timeout !== undefined) {
      const timer = setTimeout(() => void this.kill(), Math.min(timeout, 2_147_483_647));
      const end = (): void => clearTimeout(timer);
      this.#stopping.then(end, end);
    }
    return this.#stopping;
  }

  kill(reason?: unknown): Promise<ShutdownReport> {
    this.#killing ??= this.#kill(reason ?? new DOMException('the worker was killed', 'AbortError'));
    this.#endStop?.(this.#killing);
    return this.#killing;
  }

  on<E extends keyof TaskerEvents>(event: E, listener: (payload: TaskerEvents[E]) => void): () => void {
    return this.core.on(event, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #own(): WorkersOwn<R> {
    return {
      pause: () => void this.pause(),
      resume: () => void this.resume(),
      drain: async () => {
        await this.pause();
        await this.core.drain();
      },
      resize: (size) => {
        this.core.resize(size);
        this.#capacity.look();
      },
      stop: (options) => this.stop(options),
      kill: (reason) => this.kill(reason),
      [Symbol.asyncDispose]: () => this[Symbol.asyncDispose](),
    };
  }

  /** A stop waits for a store that is away, and a kill does not. */
  #stopUnlessKilled(): Promise<ShutdownReport> {
    return new Promise((resolve, reject) => {
      this.#endStop = resolve;
      this.#stop().then(resolve, reject);
    });
  }

  async #stop(): Promise<ShutdownReport> {
    this.#state = 'stopping';
    this.#leaveSignal();
    this.core.resume(); // what was to run again here does so, now
    await this.#consumer?.pause();
    this.#giveBackWaiting();
    await this.#consumer?.close();
    const report = await this.core.stop();
    await this.#engine.close();
    return report;
  }

  async #kill(reason: unknown): Promise<ShutdownReport> {
    this.#state = 'killed';
    this.#leaveSignal();
    await this.#consumer?.pause();
    for (const run of this.#runs.values()) run.giveBack(reason);
    // A store that is away takes nothing back: there they come back when the lock has run out.
    await bounded(this.#consumer?.close());
    const report = await this.core.kill(reason);
    await bounded(this.#engine.close());
    return report;
  }

  async #run(claim: Claim): Promise<Ending> {
    const refused = endingBeforeRun(claim, this.maxRetries, this.now());
    if (refused !== undefined) return refused;
    if (!this.#knows(claim.name)) return endingOfUnknown(claim);
    const run = new Run<R>(this, this.#tasks.task(claim.name), claim);
    this.#runs.set(claim.id, run);
    // Taken while the pause was on its way.
    if (this.#state === 'killed') run.giveBack(new DOMException('the worker was killed', 'AbortError'));
    else if (this.#state !== 'running') this.#giveBackWaiting();
    try {
      return await run.ending();
    } finally {
      if (this.#runs.get(claim.id) === run) this.#runs.delete(claim.id);
    }
  }

  #knows(name: string): boolean {
    if (this.#tasks.names.includes(name as never)) return true;
    this.#unknown.add(name);
    const message =
      `a worker of queue ${this.#config.name} has no task ${JSON.stringify(name)}: it waits for one that has, as of a newer deploy; ` +
      `two definitions need two queues, each with a name`;
    this.#warnings.tell(`unknown ${name}`, message);
    return false;
  }

  /** Somebody else runs them: here they end as soon as they can. */
  #letGo(ids: readonly string[]): void {
    const reason = new DOMException('this process was taken for dead, and the task runs elsewhere', 'AbortError');
    for (const id of ids) this.#runs.get(id)?.cancel(reason);
    this.#warnings.tell('lost', `tasks were lost to other workers: is the event loop blocked for longer than lock?`);
  }

  #giveBackWaiting(): void {
    const reason = new DOMException('the worker takes no more tasks', 'AbortError');
    for (const run of this.#runs.values()) if (!run.hasBegun) run.giveBack(reason);
  }
}

async function bounded(end: Promise<void> | undefined): Promise<void> {
  if (end !== undefined) await atMost(HAND_BACK_TIMEOUT, end);
}
