import { getEventListeners } from 'node:events';
import fc from '../support/fast-check.ts';
import { createTaskManager } from 'tasker';
import type { ShutdownReport, TaskHandle, TaskManager, TaskOptions } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import type { FakeResource, FakeResources } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { checkScenarios } from '../support/check-scenarios.ts';
import { SICK } from '../support/failures.ts';
import { code, watch } from '../support/harness.ts';
import type { Outcome } from '../support/harness.ts';
import { OwnTimers } from '../support/own-timers.ts';

/**
 * Everything at once: leases, handles, map, pause, resize, recycle, drop policies, keys, validation, resets and ageing,
 * with random trouble. Less exact than `model.test.ts` about the order of things, but nothing may be lost or left over.
 */

type Trouble = 'works' | 'fails' | 'hangs';

interface Work {
  ms: number;
  does: 'return' | 'throw' | 'sick' | 'keep' | 'invalidate' | 'hang';
}

interface Submission {
  by: 'submit' | 'queueTask' | 'runTask';
  work: Work;
  priority: number;
  key: string | undefined;
  timeout: number | undefined;
  queueTimeout: number | undefined;
}

type Step =
  | { act: 'tasks'; tasks: Submission[] }
  | { act: 'wait'; ms: number }
  | {
      act: 'lease';
      ms: number;
      end: 'release' | 'destroy' | 'never';
      queueTimeout: number | undefined;
      key: string | undefined;
    }
  | { act: 'map'; items: number; concurrency: number; ordered: boolean; takes: number; work: Work }
  | { act: 'cancel' | 'prioritize'; which: number; priority: number }
  | { act: 'pause' | 'resume' | 'recycle' | 'idle' | 'room' | 'kill' | 'stop' | 'abort' }
  | { act: 'resize'; workerCount: number; extra: number; pool: number }
  | { act: 'die'; which: number };

const ms = fc.nat({ max: 60 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const key = maybe(fc.constantFrom('a', 'b'));

const work: fc.Arbitrary<Work> = fc.record({
  ms,
  does: fc.constantFrom<Work['does']>(
    'return',
    'return',
    'return',
    'throw',
    'sick',
    'keep',
    'invalidate',
    'return',
    'hang',
  ),
});

const submission: fc.Arbitrary<Submission> = fc.record({
  by: fc.constantFrom('submit' as const, 'submit' as const, 'queueTask' as const, 'runTask' as const),
  work,
  priority: fc.integer({ min: -1, max: 2 }),
  key,
  timeout: maybe(fc.nat({ max: 50 })),
  queueTimeout: maybe(fc.nat({ max: 100 })),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('tasks' as const),
      tasks: fc.array(submission, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 600 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('lease' as const),
      ms,
      end: fc.constantFrom('release' as const, 'release' as const, 'destroy' as const, 'never' as const),
      queueTimeout: maybe(fc.nat({ max: 100 })),
      key,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('map' as const),
      items: fc.nat({ max: 8 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      ordered: fc.boolean(),
      takes: fc.nat({ max: 10 }),
      work,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom('cancel' as const, 'prioritize' as const),
      which: fc.nat({ max: 100 }),
      priority: fc.integer({ min: -2, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom(
        'pause' as const,
        'resume' as const,
        'resume' as const,
        'recycle' as const,
        'idle' as const,
        'room' as const,
        'abort' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('kill' as const, 'stop' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('resize' as const),
      workerCount: fc.integer({ min: 1, max: 4 }),
      extra: fc.nat({ max: 3 }),
      pool: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('die' as const), which: fc.nat({ max: 20 }) }) },
);

const trouble = fc.constantFrom<Trouble>('works', 'works', 'works', 'works', 'works', 'fails', 'hangs');
const hooks = fc.array(fc.record({ ms, how: trouble }), { minLength: 1, maxLength: 8 });

const scenario = fc.record({
  workerCount: fc.integer({ min: 1, max: 3 }),
  extraWorkers: fc.nat({ max: 3 }),
  resourcePoolSize: fc.nat({ max: 2 }),
  maxTemporaryResources: fc.integer({ min: 1, max: 3 }),
  tasksPerWorker: fc.constantFrom(1, 1, 3),
  maxQueueSize: fc.constantFrom(Infinity, Infinity, 0, 1, 4),
  onFull: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-lowest' as const),
  keyConcurrency: fc.constantFrom(Infinity, 1, 2),
  aging: maybe(fc.integer({ min: 1, max: 50 })),
  abandonAfter: fc.nat({ max: 60 }),
  stuckAfter: maybe(fc.nat({ max: 50 })),
  isValidating: fc.boolean(),
  validateAfter: fc.nat({ max: 50 }),
  keepAlive: maybe(fc.integer({ min: 1, max: 200 })),
  isResetting: fc.boolean(),
  maxAge: maybe(fc.integer({ min: 150, max: 600 })),
  maxUses: maybe(fc.integer({ min: 1, max: 5 })),
  targetWait: fc.constantFrom(0, 50),
  idleTimeout: fc.nat({ max: 200 }),
  burstInterval: fc.integer({ min: 5, max: 100 }),
  creations: hooks,
  destructions: hooks,
  validations: hooks,
  resets: hooks,
  steps: fc.array(step, { minLength: 1, maxLength: 16 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const OWN = new Error('own');
const KEEP = new Error('try again');
const TERMINAL = ['completed', 'failed', 'cancelled', 'dropped'] as const;

/** The n-th of a list that begins again at its end; n from 1. */
function pick<T>(list: readonly T[], n: number): T {
  return list[(n - 1) % list.length] as T; // no list here is empty
}

class Play {
  readonly clock = new VirtualClock();
  readonly timers = new OwnTimers(this.clock);
  readonly fakes: FakeResources;
  /** Everything that was promised, with what it was for. */
  readonly promises: { what: string; result: Outcome }[] = [];
  readonly handles: TaskHandle<unknown>[] = [];
  readonly ends = new Map<string, number>();
  readonly order: string[] = [];
  /** Timers of the manager that were armed when it said that it had stopped. */
  armedAtEnd = -1;
  readonly #scenario: Scenario;
  #controller = new AbortController();
  readonly #signals: AbortSignal[] = [];
  #validations = 0;
  #resets = 0;
  #leases = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const first = scenario.workerCount + scenario.resourcePoolSize;
    const creation = (n: number): { ms: number; how: Trouble } =>
      n > first ? pick(scenario.creations, n) : { ms: pick(scenario.creations, n).ms, how: 'works' };
    this.fakes = fakeResources({
      clock: this.clock,
      places: scenario.tasksPerWorker,
      createDelay: (n) => creation(n).ms,
      failCreate: (n) => creation(n).how === 'fails',
      hangCreate: (n) => creation(n).how === 'hangs',
      destroyDelay: (n) => pick(scenario.destructions, n).ms,
      failDestroy: (n) => pick(scenario.destructions, n).how === 'fails',
      hangDestroy: (n) => pick(scenario.destructions, n).how === 'hangs',
    });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimeout(resolve, ms));
  }

  /** A hook on an idle resource: touches it, so that a user at the same time is a violation, and takes its time. */
  async #hook(resource: FakeResource, { ms, how }: { ms: number; how: Trouble }): Promise<boolean> {
    await resource.use();
    await this.#sleep(ms);
    if (how === 'hangs') await new Promise(() => {});
    return how === 'works';
  }

  async play(): Promise<void> {
    const { creations: _c, destructions: _d, validations, resets, steps, ...rest } = this.#scenario;
    const {
      extraWorkers,
      isValidating,
      isResetting,
      keepAlive,
      validateAfter,
      aging,
      stuckAfter,
      maxAge,
      maxUses,
      ...config
    } = rest;
    const starting = watch(
      createTaskManager<FakeResource>({
        ...this.fakes,
        ...config,
        clock: this.timers,
        maxWorkerCount: config.workerCount + extraWorkers,
        createTimeout: 100,
        destroyTimeout: 50,
        validateTimeout: 80,
        createBackoff: (failures) => 10 * failures,
        retry: { maxRetries: 2, backoff: (attempt) => attempt * 5 },
        checkHealth: (error) => {
          if (error === KEEP) return { resource: 'keep', task: 'retry' };
          return error !== SICK && !(error as Error).message.includes('is dead');
        },
        ...(isValidating && {
          validate: (resource: FakeResource) => this.#hook(resource, pick(validations, ++this.#validations)),
          validateAfter,
          ...(keepAlive !== undefined && { keepAlive }),
        }),
        ...(isResetting &&
          config.tasksPerWorker === 1 && {
            onRelease: async (resource: FakeResource) => {
              if (!(await this.#hook(resource, pick(resets, ++this.#resets)))) throw new Error('reset failed');
            },
          }),
        ...(aging !== undefined && { aging }),
        ...(stuckAfter !== undefined && { stuckAfter }),
        ...(maxAge !== undefined && { maxAge }),
        ...(maxUses !== undefined && { maxUses }),
      }),
    );
    // Not runAll(): validations that take longer than keepAlive never leave a moment without a timer.
    while (starting.state === 'pending') await this.clock.advance(10);
    const manager = starting.value;
    if (manager === undefined) {
      // A resource was too old before the last one was up, and could not be replaced.
      expect([code(starting), this.fakes.destroyed, this.timers.armed]).toEqual([
        'CREATE_FAILED',
        this.fakes.created,
        0,
      ]);
      return;
    }
    for (const event of TERMINAL) {
      manager.on(event, ({ task }) => this.ends.set(task.id, (this.ends.get(task.id) ?? 0) + 1));
    }
    manager.on('stopped', () => this.order.push('stopped'));
    manager.on('stopped', () => (this.armedAtEnd = this.timers.armed));
    for (const step of steps) await this.#take(manager, step);
    // What was paused, hangs or is leased for ever is given up in the end.
    this.#promise('the last stop', manager.stop({ timeout: 400 }));
    this.clock.setTimeout(() => this.#promise('the last kill', manager.kill()), 1_000);
    await this.clock.runAll();
    await this.#check(manager);
  }

  #promise<T>(what: string, promise: Promise<T>): Outcome<T> {
    const result = watch(promise);
    this.promises.push({ what, result });
    return result;
  }

  async #take(manager: TaskManager<FakeResource>, step: Step): Promise<void> {
    switch (step.act) {
      case 'tasks':
        for (const task of step.tasks) this.#submit(manager, task);
        break;
      case 'wait':
        await this.clock.advance(step.ms);
        break;
      case 'lease':
        this.#lease(manager, step);
        break;
      case 'map':
        this.#promise('a map', this.#map(manager, step));
        break;
      case 'cancel':
        this.#handle(step.which)?.cancel();
        break;
      case 'prioritize': {
        const handle = this.#handle(step.which);
        if (handle !== undefined) handle.priority = step.priority;
        break;
      }
      case 'pause':
        manager.pause();
        break;
      case 'resume':
        manager.resume();
        break;
      case 'recycle':
        this.#promise('a recycling', manager.recycle());
        break;
      case 'idle':
        this.#promise('onIdle', manager.onIdle());
        break;
      case 'room':
        this.#promise('onSizeLessThan', manager.onSizeLessThan(2));
        break;
      case 'kill':
        this.#promise('a kill', manager.kill());
        break;
      case 'stop':
        this.#promise<ShutdownReport>('a stop', manager.stop());
        break;
      case 'abort':
        this.#controller.abort('aborted');
        this.#controller = new AbortController();
        break;
      case 'resize':
        try {
          manager.resize({
            workerCount: step.workerCount,
            maxWorkerCount: step.workerCount + step.extra,
            resourcePoolSize: step.pool,
          });
        } catch (error) {
          expect((error as { code?: string }).code).toBe('STOPPED');
        }
        break;
      case 'die':
        this.fakes.all[step.which % this.fakes.all.length]?.die();
    }
  }

  #handle(which: number): TaskHandle<unknown> | undefined {
    return this.handles[which % Math.max(1, this.handles.length)];
  }

  #perform({ ms, does }: Work, resource: FakeResource, invalidate: () => void): Promise<string> {
    if (does === 'hang') return resource.use(() => new Promise(() => {}));
    if (does === 'invalidate') invalidate();
    return resource.work(ms).then(() => {
      if (does === 'throw') throw OWN;
      if (does === 'sick') throw SICK;
      if (does === 'keep') throw KEEP;
      return 'done';
    });
  }

  #submit(manager: TaskManager<FakeResource>, { by, work, priority, key, timeout, queueTimeout }: Submission): void {
    const { signal } = this.#controller;
    this.#signals.push(signal);
    const options: TaskOptions = {
      priority,
      signal,
      ...(key !== undefined && { key }),
      ...(timeout !== undefined && { timeout }),
      ...(queueTimeout !== undefined && { queueTimeout }),
    };
    const task = (resource: FakeResource, context: { invalidate(): void }): Promise<string> =>
      this.#perform(work, resource, () => context.invalidate());
    if (by === 'submit') {
      const handle = manager.submit(task, options);
      this.handles.push(handle);
      this.#promise('a submission', handle.result);
    } else {
      this.#promise(`a ${by}`, manager[by](task, options));
    }
  }

  #lease(manager: TaskManager<FakeResource>, { ms, end, queueTimeout, key }: Extract<Step, { act: 'lease' }>): void {
    const { signal } = this.#controller;
    this.#signals.push(signal);
    const leasing = manager.lease({
      signal,
      ...(queueTimeout !== undefined && { queueTimeout }),
      ...(key !== undefined && { key }),
    });
    this.#promise('a lease', leasing);
    const hold = async (): Promise<void> => {
      const lease = await leasing;
      this.#leases++;
      if (!lease.signal.aborted) await lease.resource.work(ms).catch(() => {});
      if (end !== 'never') await lease[end]();
    };
    hold().catch(() => {}); // the wait has failed
  }

  async #map(manager: TaskManager<FakeResource>, step: Extract<Step, { act: 'map' }>): Promise<number> {
    const items = Array.from({ length: step.items }, (_, i) => i);
    let taken = 0;
    const results = manager.map(
      items,
      (_, resource, context) => this.#perform(step.work, resource, () => context.invalidate()),
      { concurrency: step.concurrency, ordered: step.ordered },
    );
    for await (const _ of results) if (++taken >= step.takes) break;
    return taken;
  }

  async #check(manager: TaskManager<FakeResource>): Promise<void> {
    const { fakes, promises } = this;
    expect(promises.filter(({ result }) => result.settlements !== 1)).toEqual([]);
    const strange = promises.filter(({ result: { state, error } }) => state === 'rejected' && !isExpected(error));
    expect(strange).toEqual([]);
    // map() waits for room whatever onFull says.
    expect(promises.filter(({ what, result }) => what === 'a map' && code(result) === 'QUEUE_FULL')).toEqual([]);
    expect(fakes.violations).toEqual([]);
    expect([fakes.created, fakes.alive]).toEqual([fakes.destroyed, 0]);
    // What a creation brings that came too late is destroyed whenever it comes, and that is bounded by a timer.
    if (!fakes.reasons.includes('late')) expect(this.armedAtEnd).toBe(0);
    expect(this.timers.armed).toBe(0);
    for (const signal of this.#signals) expect(getEventListeners(signal, 'abort')).toEqual([]);
    const { state, ...numbers } = manager.stats();
    expect(['stopped', 'killed']).toContain(state);
    expect(Object.entries(numbers).filter(([, value]) => value !== 0)).toEqual([]);
    const metrics = manager.metrics();
    const { totalTasksCompleted, totalTasksFailed, totalTasksCancelled, totalTasksArrived } = metrics;
    expect(totalTasksCompleted + totalTasksFailed + totalTasksCancelled).toBe(totalTasksArrived);
    expect(metrics.totalResourcesCreated).toBe(fakes.created);
    const tasks = promises.filter(({ what }) => /^a (submission|queueTask|runTask)$/.test(what));
    const refused = tasks.filter(({ result }) => code(result) === 'STOPPED' || code(result) === 'QUEUE_FULL').length;
    const hasMapped = promises.some(({ what }) => what === 'a map');
    if (!hasMapped) expect(totalTasksArrived).toBe(tasks.length - refused);
    expect([...this.ends].filter(([, count]) => count !== 1)).toEqual([]);
    expect(this.order).toEqual(['stopped']);
    expect(this.#leases).toBeLessThanOrEqual(promises.filter(({ what }) => what === 'a lease').length);
  }
}

/** Whether the contract allows a promise here to be rejected with it. */
function isExpected(error: unknown): boolean {
  if (error === OWN || error === SICK || error === KEEP || error === 'aborted') return true;
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  if (name === 'AbortError' || message?.includes('is dead') === true) return true;
  const codes = [
    'STOPPED',
    'KILLED',
    'RETRIES_EXHAUSTED',
    'CREATE_FAILED',
    'TIMEOUT',
    'QUEUE_TIMEOUT',
    'QUEUE_FULL',
    'DROPPED',
  ];
  return codes.includes(code ?? '');
}

const RUNS = 400;

describe('everything at once', () => {
  it('loses nothing and leaves nothing behind', async () => {
    await checkScenarios(scenario, (one) => new Play(one).play(), {
      prefix: 'EVERYTHING',
      file: 'model-everything.test.ts',
      runs: RUNS,
    });
  });
});
