import { getEventListeners } from 'node:events';
import fc from '../support/fast-check.ts';
import { createTaskManager } from 'tasker';
import type {
  ScaleInput,
  ShutdownReport,
  Task,
  TaskContext,
  TaskManager,
  TaskManagerConfig,
  TaskOptions,
} from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import type { FakeResource, FakeResources } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { checkScenarios } from '../support/check-scenarios.ts';
import { SICK } from '../support/failures.ts';
import { code, watch } from '../support/harness.ts';
import type { Outcome } from '../support/harness.ts';
import { OwnTimers } from '../support/own-timers.ts';

/**
 * Drives a whole manager with random work and random trouble on the virtual clock, and checks what must always hold.
 * A failure prints the command that replays it.
 */

type Method = 'queueTask' | 'queueTaskOnce' | 'queueTaskWithPriority' | 'queueTaskWithPriorityOnce' | 'runTask';

/** What one run of a task does; with its resource if not said otherwise. */
type Run =
  | { does: 'return' | 'throw' | 'sick' | 'keep'; ms: number; isSync: boolean; invalidates: boolean }
  | { does: 'hang' }
  /** Ends when its signal aborts, by rejecting. */
  | { does: 'heed' }
  /** Does something to the manager from inside. */
  | { does: 'act'; act: Inner };

type Inner = 'submit' | 'urgent' | 'abort' | 'stop' | 'kill' | 'invalidate later';

interface Submission {
  method: Method;
  runs: Run[];
  priority: number | undefined;
  timeout: number | undefined;
  queueTimeout: number | undefined;
  deadline: number | undefined;
  /** Which of the shared abort controllers. */
  signal: number | undefined;
  retries: number | undefined;
}

type Step =
  | { act: 'submit'; tasks: Submission[] }
  | { act: 'wait'; ms: number }
  | { act: 'abort'; signal: number }
  | { act: 'die'; which: number }
  | { act: 'stop'; timeout: number | undefined }
  | { act: 'kill' }
  | { act: 'shutdown signal' };

interface Hook {
  ms: number;
  how: 'works' | 'fails' | 'hangs';
}

interface Scenario {
  workerCount: number;
  extraWorkers: number;
  resourcePoolSize: number;
  maxTemporaryResources: number;
  maxRetries: number;
  backoff: number;
  abandonAfter: number;
  createTimeout: number;
  destroyTimeout: number;
  burstInterval: number;
  targetWait: number | undefined;
  idleTimeout: number;
  scaling: 'auto' | 'off' | 'greedy' | 'erratic';
  isCooperative: boolean;
  creations: Hook[];
  destructions: Hook[];
  steps: Step[];
}

const SIGNALS = 3;

const ms = fc.nat({ max: 60 });
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const run: fc.Arbitrary<Run> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      does: fc.constantFrom('return' as const, 'return' as const, 'throw' as const, 'sick' as const, 'keep' as const),
      ms,
      isSync: fc.boolean(),
      invalidates: fc.nat({ max: 9 }).map((n) => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'hang' as const }) },
  { weight: 2, arbitrary: fc.constant({ does: 'heed' as const }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<Inner>('submit', 'urgent', 'abort', 'stop', 'kill', 'invalidate later', 'submit', 'urgent', 'abort')
      .map((act) => ({ does: 'act' as const, act })),
  },
);

const submission: fc.Arbitrary<Submission> = fc.record({
  method: fc.constantFrom<Method>(
    'queueTask',
    'queueTask',
    'queueTask',
    'queueTaskOnce',
    'queueTaskWithPriority',
    'queueTaskWithPriorityOnce',
    'runTask',
  ),
  runs: fc.array(run, { minLength: 1, maxLength: 4 }),
  priority: rarely(fc.integer({ min: -2, max: 3 })),
  timeout: rarely(fc.nat({ max: 40 })),
  queueTimeout: rarely(fc.nat({ max: 80 })),
  deadline: rarely(fc.nat({ max: 120 })),
  signal: rarely(fc.nat({ max: SIGNALS - 1 })),
  retries: rarely(fc.nat({ max: 3 })),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      act: fc.constant('submit' as const),
      tasks: fc.array(submission, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 300 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('abort' as const), signal: fc.nat({ max: SIGNALS - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('die' as const), which: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('stop' as const), timeout: rarely(fc.nat({ max: 200 })) }) },
  { weight: 1, arbitrary: fc.constant({ act: 'kill' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'shutdown signal' as const }) },
);

const hook: fc.Arbitrary<Hook> = fc.record({
  ms,
  how: fc.constantFrom(
    'works' as const,
    'works' as const,
    'works' as const,
    'works' as const,
    'fails' as const,
    'hangs' as const,
  ),
});

const scenario: fc.Arbitrary<Scenario> = fc.record({
  workerCount: fc.integer({ min: 1, max: 3 }),
  extraWorkers: fc.nat({ max: 3 }),
  resourcePoolSize: fc.nat({ max: 2 }),
  maxTemporaryResources: fc.constantFrom(1, 2, 3, Infinity),
  maxRetries: fc.nat({ max: 3 }),
  backoff: fc.nat({ max: 50 }),
  abandonAfter: fc.nat({ max: 60 }),
  createTimeout: fc.integer({ min: 1, max: 100 }),
  destroyTimeout: fc.integer({ min: 1, max: 100 }),
  burstInterval: fc.integer({ min: 1, max: 100 }),
  targetWait: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
  idleTimeout: fc.nat({ max: 200 }),
  scaling: fc.constantFrom('auto' as const, 'auto' as const, 'off' as const, 'greedy' as const, 'erratic' as const),
  isCooperative: fc.boolean(),
  creations: fc.array(hook, { minLength: 1, maxLength: 12 }),
  destructions: fc.array(hook, { minLength: 1, maxLength: 6 }),
  steps: fc.array(step, { minLength: 1, maxLength: 14 }),
});

/** A scaler that is all over the place, but the same in every replay. */
const SCALERS: Record<Scenario['scaling'], TaskManagerConfig<FakeResource>['scaling']> = {
  auto: 'auto',
  off: 'off',
  greedy: ({ queued, running }: ScaleInput) => queued + running,
  erratic: ({ now, queued }: ScaleInput) => {
    if (Math.floor(now) % 7 === 3) throw new Error('Scaler failed');
    return ((Math.floor(now) * 7 + queued) % 11) - 2;
  },
};

/** Where a resource is, in our own books. */
interface Held {
  readonly kind: 'worker' | 'pool' | 'temporary';
  /** When it stops counting: when it is gone, or given up. */
  until: number;
}

/** A task as we know it. */
interface Submitted {
  readonly number: number;
  readonly method: Method;
  readonly priority: number;
  readonly submittedAt: number;
  /** When it can no longer start. */
  readonly latestStart: number;
  readonly signal: AbortSignal | undefined;
  readonly maxRuns: number;
  readonly result: Outcome;
  /** Submitted while the manager was stopping or stopped. */
  readonly isRefused: boolean;
  runs: number;
}

/** One scenario, played. */
class Play {
  readonly clock = new VirtualClock();
  readonly timers = new OwnTimers(this.clock);
  readonly fakes: FakeResources;
  readonly tasks: Submitted[] = [];
  readonly shutdowns: Outcome<ShutdownReport>[] = [];
  readonly wrong: string[] = [];
  readonly events: string[] = [];
  /** Timers of the manager that were armed when it said that it had stopped. */
  armedAtEnd = -1;
  readonly #scenario: Scenario;
  readonly #held: Held[] = [];
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController());
  readonly #shutdown = new AbortController();
  #manager: TaskManager<FakeResource> | undefined;
  #isKilled = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { creations, destructions, isCooperative } = scenario;
    const first = scenario.workerCount + scenario.resourcePoolSize;
    // The start is to succeed; its failures are tested elsewhere, and would end most scenarios at once.
    const creation = (n: number): Hook => {
      const { ms, how } = pick(creations, n);
      return n > first ? { ms, how } : { ms: Math.min(ms, scenario.createTimeout - 1), how: 'works' };
    };
    const destruction = (n: number): Hook => pick(destructions, n);
    this.fakes = fakeResources({
      clock: this.clock,
      createDelay: (n) => creation(n).ms,
      failCreate: (n) => creation(n).how === 'fails',
      hangCreate: (n) => creation(n).how === 'hangs',
      destroyDelay: (n) => destruction(n).ms,
      failDestroy: (n) => destruction(n).how === 'fails',
      hangDestroy: (n) => destruction(n).how === 'hangs',
      cooperative: isCooperative,
    });
  }

  get #limits(): Record<Held['kind'], number> {
    const { workerCount, extraWorkers, resourcePoolSize, maxTemporaryResources } = this.#scenario;
    return { worker: workerCount + extraWorkers, pool: resourcePoolSize, temporary: maxTemporaryResources };
  }

  /** Hooks with books of their own: what is being made, lives or is being destroyed counts until its hook's timeout. */
  #hooks(): Pick<TaskManagerConfig<FakeResource>, 'onCreate' | 'onDestroy'> {
    const holds = new Map<FakeResource, Held>();
    return {
      onCreate: async (context) => {
        const kind = context.kind === 'base' || context.kind === 'burst' ? 'worker' : context.kind;
        const held: Held = { kind, until: Infinity };
        this.#held.push(held);
        const now = this.clock.now();
        const count = this.#held.filter((other) => other.kind === kind && other.until > now).length;
        if (count > this.#limits[kind]) this.wrong.push(`${count} resources of kind ${kind} at ${now}`);
        // Given up when its time is over, and by a shutdown, after which nothing is to be made.
        context.signal.addEventListener('abort', () => (held.until = this.clock.now()));
        try {
          const resource = await this.fakes.onCreate(context);
          holds.set(resource, held);
          return resource;
        } catch (error) {
          held.until = this.clock.now();
          throw error;
        }
      },
      onDestroy: async (resource, reason) => {
        const held = holds.get(resource);
        if (held === undefined) throw new Error('destroyed without having been made');
        held.until = Math.min(held.until, this.clock.now() + this.#scenario.destroyTimeout);
        await this.fakes.onDestroy(resource, reason).finally(() => {
          held.until = Math.min(held.until, this.clock.now());
        });
      },
    };
  }

  async play(): Promise<void> {
    const { steps, backoff, workerCount, extraWorkers, scaling, targetWait } = this.#scenario;
    const starting = watch(
      createTaskManager<FakeResource>({
        ...this.#hooks(),
        clock: this.timers,
        signal: this.#shutdown.signal,
        workerCount,
        maxWorkerCount: workerCount + extraWorkers,
        resourcePoolSize: this.#scenario.resourcePoolSize,
        maxTemporaryResources: this.#scenario.maxTemporaryResources,
        maxRetries: this.#scenario.maxRetries,
        retry: { backoff: (attempt) => (attempt % 2) * backoff },
        abandonAfter: this.#scenario.abandonAfter,
        createTimeout: this.#scenario.createTimeout,
        destroyTimeout: this.#scenario.destroyTimeout,
        createBackoff: (failures) => Math.min(200, 10 * failures),
        burstInterval: this.#scenario.burstInterval,
        idleTimeout: this.#scenario.idleTimeout,
        ...(targetWait !== undefined && { targetWait }),
        ...(SCALERS[scaling] !== undefined && { scaling: SCALERS[scaling] }),
        checkHealth: (error) => {
          if (error === KEEP) return { resource: 'keep', task: 'retry' };
          return error !== SICK && !(error as Error).message.includes('is dead');
        },
      }),
    );
    await this.clock.runAll();
    const manager = starting.value;
    if (manager === undefined) throw new Error('the start failed', { cause: starting.error });
    this.#manager = manager;
    for (const event of ['completed', 'failed', 'cancelled'] as const) {
      manager.on(event, ({ task }) => this.events.push(task.id));
    }
    manager.on('stopped', () => this.events.push('stopped'));
    manager.on('stopped', () => (this.armedAtEnd = this.timers.armed));
    for (const step of steps) await this.#take(step);
    this.#end('stop', 500); // hanging functions would keep a plain stop() waiting for ever
    await this.clock.runAll();
    this.#check(manager);
  }

  async #take(step: Step): Promise<void> {
    switch (step.act) {
      case 'submit':
        for (const task of step.tasks) this.#submit(task);
        break;
      case 'wait':
        await this.clock.advance(step.ms);
        break;
      case 'abort':
        this.#controllers[step.signal]?.abort(`signal ${step.signal}`);
        this.#controllers[step.signal] = new AbortController();
        break;
      case 'die':
        this.fakes.all[step.which % this.fakes.all.length]?.die();
        break;
      case 'stop':
        this.#end('stop', step.timeout);
        break;
      case 'kill':
        this.#end('kill');
        break;
      case 'shutdown signal':
        this.#shutdown.abort();
    }
  }

  #end(how: 'stop' | 'kill', timeout?: number): void {
    const manager = this.#manager as TaskManager<FakeResource>; // set before the first step
    if (how === 'kill') this.#isKilled = true;
    this.shutdowns.push(
      watch(how === 'kill' ? manager.kill() : manager.stop(timeout === undefined ? {} : { timeout })),
    );
    // The last stop of a scenario has a timeout, but one before it may have none, and wins.
    if (how === 'stop' && timeout === 500) this.clock.setTimeout(() => this.#end('kill'), 1_000);
  }

  #submit(what: Submission): void {
    const manager = this.#manager as TaskManager<FakeResource>; // likewise
    const { method, priority, timeout, queueTimeout, deadline, retries } = what;
    const signal = what.signal === undefined ? undefined : this.#controllers[what.signal]?.signal;
    const isDirect = method === 'runTask';
    const isOnce = isDirect || method.endsWith('Once');
    const now = this.clock.now();
    const options: TaskOptions = {
      ...(priority !== undefined && { priority }),
      ...(timeout !== undefined && { timeout }),
      ...(queueTimeout !== undefined && { queueTimeout }),
      ...(deadline !== undefined && { deadline }),
      ...(signal !== undefined && { signal }),
      ...(retries !== undefined && !isOnce && { retry: { maxRetries: retries } }),
    };
    const number = this.tasks.length;
    let record: Submitted | undefined;
    const task: Task<FakeResource, unknown> = (resource, context) => {
      if (record === undefined) {
        this.wrong.push(`task ${number} started inside the call`);
        return undefined;
      }
      this.#began(record, context);
      return this.#perform(pick(what.runs, record.runs), resource, context, number, what);
    };
    const isRefused = manager.stats().state !== 'running';
    const promise = manager[method](task, options);
    record = {
      number,
      method,
      priority: priority ?? (method.startsWith('queueTaskWithPriority') ? 1 : 0),
      submittedAt: now,
      latestStart: now + Math.min(queueTimeout ?? Infinity, deadline ?? Infinity),
      signal,
      maxRuns: isOnce ? 1 : 1 + (retries ?? this.#scenario.maxRetries),
      result: watch(promise),
      isRefused,
      runs: 0,
    };
    this.tasks.push(record);
  }

  /** A function was called: is it right that it was, and that it was this one? */
  #began(task: Submitted, context: TaskContext): void {
    const now = this.clock.now();
    const { wrong } = this;
    task.runs++;
    if (task.runs > task.maxRuns) wrong.push(`task ${task.number} ran ${task.runs} times`);
    if (context.attempt !== task.runs)
      wrong.push(`task ${task.number}: attempt ${context.attempt} on run ${task.runs}`);
    if (task.result.state !== 'pending') wrong.push(`task ${task.number} started after it was settled`);
    if (task.signal?.aborted === true) wrong.push(`task ${task.number} started after its signal had aborted`);
    if (this.#isKilled) wrong.push(`task ${task.number} started after kill()`);
    if (task.runs === 1 && now > task.latestStart) wrong.push(`task ${task.number} started too late, at ${now}`);
    const isPooled = context.worker.kind === 'pool' || context.worker.kind === 'temporary';
    if (isPooled !== (task.method === 'runTask'))
      wrong.push(`task ${task.number} ran on a ${context.worker.kind} worker`);
    if (isPooled) return;
    for (const other of this.tasks) {
      if (other.method === 'runTask' || other.runs > 0 || other.result.state !== 'pending') continue;
      if (other.isRefused || other.signal?.aborted === true || now >= other.latestStart) continue;
      const isAhead =
        other.priority > task.priority ||
        (other.priority === task.priority && other.number < task.number && task.runs === 1);
      if (isAhead) wrong.push(`task ${task.number} started ahead of task ${other.number}, at ${now}`);
    }
  }

  #perform(run: Run, resource: FakeResource, context: TaskContext, number: number, what: Submission): unknown {
    switch (run.does) {
      case 'hang':
        return resource.use(() => new Promise(() => {}));
      case 'heed':
        return resource.use(
          () =>
            new Promise((_, reject) => {
              context.signal.addEventListener('abort', () => reject(KEEP));
            }),
        );
      case 'act':
        this.#act(run.act, context, what);
        return run.act === 'kill' ? number : resource.use(() => number);
      default: {
        if (run.invalidates) context.invalidate();
        const finish = (): number => {
          if (run.does === 'return') return number;
          throw { throw: OWN, sick: SICK, keep: KEEP }[run.does];
        };
        return run.isSync ? finish() : resource.work(run.ms).then(finish);
      }
    }
  }

  #act(act: Inner, context: TaskContext, what: Submission): void {
    const next: Submission = {
      ...what,
      method: 'queueTask',
      runs: [{ does: 'return', ms: 5, isSync: false, invalidates: false }],
    };
    switch (act) {
      case 'submit':
        this.#submit(next);
        break;
      case 'urgent':
        this.#submit({ ...next, priority: 9 });
        break;
      case 'abort':
        this.#controllers[what.signal ?? 0]?.abort('from inside');
        this.#controllers[what.signal ?? 0] = new AbortController();
        break;
      case 'stop':
      case 'kill':
        this.#end(act);
        break;
      case 'invalidate later':
        void this.clock.setTimeout(() => context.invalidate(), 20);
    }
  }

  #check(manager: TaskManager<FakeResource>): void {
    const { tasks, fakes } = this;
    expect(this.wrong).toEqual([]);
    expect(tasks.filter(({ result }) => result.settlements !== 1)).toEqual([]);
    expect(this.shutdowns.filter(({ settlements }) => settlements !== 1)).toEqual([]);
    for (const task of tasks) expect(howItEnded(task)).not.toBe('strangely');

    expect(fakes.violations).toEqual([]);
    expect([fakes.created, fakes.alive]).toEqual([fakes.destroyed, 0]);
    // What a creation brings that came too late is destroyed whenever it comes, and that is bounded by a timer.
    if (!fakes.reasons.includes('late')) expect(this.armedAtEnd).toBe(0);
    expect(this.timers.armed).toBe(0);
    for (const { signal } of this.#controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);

    const { state, ...numbers } = manager.stats();
    expect(['stopped', 'killed']).toContain(state);
    expect(Object.entries(numbers).filter(([, value]) => value !== 0)).toEqual([]);

    const ends = tasks.map((task) => howItEnded(task));
    const count = (what: string): number => ends.filter((end) => end === what).length;
    const accepted = tasks.length - count('refused');
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: accepted,
      totalTasksCompleted: count('completed'),
      totalTasksFailed: count('failed'),
      totalTasksCancelled: count('cancelled'),
      totalTasksRetried: tasks.reduce((sum, { runs }) => sum + Math.max(0, runs - 1), 0) + this.#retriesNotRun(manager),
      totalResourcesCreated: fakes.created,
    });
    expect(this.events.at(-1)).toBe('stopped');
    expect(new Set(this.events).size).toBe(this.events.length);
    expect(this.events.length).toBe(accepted + 1);
  }

  /** Retries that were counted when they were queued but ended before they ran: at most one for each task. */
  #retriesNotRun(manager: TaskManager<FakeResource>): number {
    const run = this.tasks.reduce((sum, { runs }) => sum + Math.max(0, runs - 1), 0);
    const pending = manager.metrics().totalTasksRetried - run;
    const possible = this.tasks.filter(({ result }) => result.state === 'rejected').length;
    expect(pending).toBeGreaterThanOrEqual(0);
    expect(pending).toBeLessThanOrEqual(possible);
    return pending;
  }
}

/** Keep the resource, but try again. */
const KEEP = new Error('try again');
const OWN = new Error('own');

/** The n-th of a list that begins again at its end; n from 1. */
function pick<T>(list: readonly T[], n: number): T {
  return list[(n - 1) % list.length] as T; // no list here is empty
}

/** In which way, of those that the contract allows. */
function howItEnded({ number, result, signal, runs, isRefused }: Submitted): string {
  if (isRefused) return runs === 0 && code(result) === 'STOPPED' ? 'refused' : 'strangely';
  if (result.state === 'fulfilled') return result.value === number && runs > 0 ? 'completed' : 'strangely';
  const { error } = result;
  switch (code(result)) {
    case 'STOPPED':
      return 'strangely';
    case 'KILLED':
      return 'cancelled';
    case 'RETRIES_EXHAUSTED':
      return runs > 0 ? 'failed' : 'strangely';
    case 'CREATE_FAILED':
    case 'TIMEOUT':
    case 'QUEUE_TIMEOUT':
    case 'DEADLINE':
      return 'failed';
    default:
  }
  if (signal?.aborted === true && error === signal.reason) return 'cancelled';
  const isOwn = error === OWN || error === SICK || error === KEEP || (error as Error).message.includes('is dead');
  return isOwn && runs > 0 ? 'failed' : 'strangely';
}

const RUNS = 500;

describe('the whole manager, on random work with random trouble', () => {
  it('keeps every promise it gives', async () => {
    await checkScenarios(scenario, (one) => new Play(one).play(), {
      prefix: 'MODEL',
      file: 'model.test.ts',
      runs: RUNS,
    });
  });
});
