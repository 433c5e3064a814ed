import fc from '../support/fast-check.ts';
import { createTaskManager } from 'tasker';
import type { Clock, TaskManager, TaskOptions } from 'tasker';
import { VirtualClock } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { watch } from '../support/harness.ts';
import type { Outcome } from '../support/harness.ts';
import { withThen } from '../support/with-then.ts';

const FAILURE = new Error('hostile');

/** What foreign code does when it is called, beside what it is asked for. */
const deed = fc.constantFrom('nothing', 'nothing', 'nothing', 'throw', 'cancel', 'abort', 'stop', 'kill', 'submit');
type Deed = 'nothing' | 'throw' | 'cancel' | 'abort' | 'stop' | 'kill' | 'submit';

const submission = fc.record({
  method: fc.constantFrom('queueTask', 'queueTaskOnce', 'queueTaskWithPriority', 'runTask', 'submit', 'lease', 'map'),
  /** Which option has a getter, and what that does. */
  option: fc.constantFrom('name', 'signal', 'priority', 'queueTimeout', 'key', undefined),
  getter: deed,
  signal: fc.constantFrom('none', 'none', 'own', 'foreign'),
  onAdd: deed,
  onRemove: deed,
  onRead: deed,
  queueTimeout: fc.constantFrom(undefined, 0, 3),
  limit: fc.constantFrom(undefined, { timeout: 4 }, { deadline: 6 }, { timeout: 2, deadline: 9 }),
  returns: fc.constantFrom(
    'value',
    'promise',
    'never',
    'babble',
    'turning',
    'throw',
    'reject',
    'sick',
    'own then',
    'deed',
  ),
  deed,
  pause: fc.nat(3),
});
type Submission = typeof submission extends fc.Arbitrary<infer S> ? S : never;

const script = fc.record({
  submissions: fc.array(submission, { minLength: 1, maxLength: 12 }),
  /** Calls of the clock that throw, counted over all its methods from the first submission on. */
  broken: fc.uniqueArray(fc.nat(60), { maxLength: 8 }),
  verdict: deed,
  tasksPerWorker: fc.constantFrom(1, 2),
  maxQueueSize: fc.constantFrom(undefined, 2),
});
type Script = typeof script extends fc.Arbitrary<infer S> ? S : never;

/** A virtual clock of which some calls throw. */
class BrokenClock implements Clock {
  readonly virtual = new VirtualClock();
  isOn = false;
  #calls = 0;
  readonly #broken: ReadonlySet<number>;

  constructor(broken: readonly number[]) {
    this.#broken = new Set(broken);
  }

  now(): number {
    this.#call();
    return this.virtual.now();
  }

  setTimeout(fn: () => void, ms: number): unknown {
    this.#call();
    return this.virtual.setTimeout(fn, ms);
  }

  clearTimeout(handle: unknown): void {
    this.#call();
    this.virtual.clearTimeout(handle);
  }

  #call(): void {
    if (this.isOn && this.#broken.has(this.#calls++)) throw FAILURE;
  }
}

/** Lives one life of a manager among hostile values; returns what must hold of it. */
async function live({ submissions, broken, verdict, tasksPerWorker, maxQueueSize }: Script): Promise<void> {
  const clock = new BrokenClock(broken);
  const { virtual } = clock;
  const results: Outcome[] = [];
  const endings: Outcome[] = [];
  const cancels: (() => void)[] = [];
  let depth = 0;
  let manager: TaskManager<object> | undefined = undefined;

  const perform = (what: Deed): void => {
    if (manager === undefined || depth > 3) return; // foreign code that calls itself for ever is not our concern
    depth++;
    try {
      if (what === 'throw') throw FAILURE;
      if (what === 'cancel') cancels.forEach((cancel) => cancel());
      if (what === 'abort') controller.abort('aborted');
      if (what === 'stop') endings.push(watch(manager.stop({ timeout: 30 })));
      if (what === 'kill') endings.push(watch(manager.kill()));
      if (what === 'submit') results.push(watch(manager.queueTask(() => 'nested', { queueTimeout: 3 })));
    } finally {
      depth--;
    }
  };

  const controller = new AbortController();
  const foreignSignal = ({ onAdd, onRemove, onRead }: Submission): AbortSignal => {
    const listeners = new Set<() => void>();
    return {
      get aborted() {
        perform(onRead);
        return false;
      },
      get reason() {
        perform(onRead);
        return undefined;
      },
      addEventListener: (_: string, listener: () => void) => {
        listeners.add(listener);
        perform(onAdd);
      },
      removeEventListener: (_: string, listener: () => void) => {
        listeners.delete(listener);
        perform(onRemove);
      },
    } as unknown as AbortSignal;
  };

  const work = (step: Submission) => (): unknown => {
    let reads = 0;
    switch (step.returns) {
      case 'promise':
        return new Promise((resolve) => void virtual.setTimeout(() => resolve('later'), 2));
      case 'never':
        return new Promise(() => {});
      case 'babble':
        return withThen(() => (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
          resolve(1);
          resolve(2);
          reject(FAILURE);
          perform(step.deed);
        });
      case 'turning':
        return withThen(() => {
          perform(step.deed);
          return ++reads % 2 === 1 ? undefined : (resolve: (value: unknown) => void) => resolve('turned');
        });
      case 'own then':
        // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
        return Object.defineProperty(Promise.resolve('own'), 'then', {
          value: (resolve: (value: unknown) => void) => {
            resolve('first');
            resolve('second');
            virtual.setTimeout(() => resolve('third'), 1);
          },
        });
      case 'throw':
        throw FAILURE;
      case 'reject':
        return Promise.reject(FAILURE);
      case 'sick':
        return Promise.reject(new Error('sick'));
      case 'deed':
        perform(step.deed);
        return 'did';
      default:
        return 'value';
    }
  };

  const submit = (target: TaskManager<object>, step: Submission): void => {
    const options: TaskOptions = {
      ...(step.signal !== 'none' && { signal: step.signal === 'own' ? controller.signal : foreignSignal(step) }),
      ...(step.queueTimeout !== undefined && { queueTimeout: step.queueTimeout }),
      ...(step.method !== 'lease' && step.limit),
    };
    if (step.option !== undefined) {
      const value = options[step.option];
      Object.defineProperty(options, step.option, {
        enumerable: true,
        get: () => {
          perform(step.getter);
          return value;
        },
      });
    }
    if (step.method === 'submit') {
      const handle = target.submit(work(step), options);
      cancels.push(() => void handle.cancel('cancelled'));
      results.push(watch(handle.result));
    } else if (step.method === 'lease') {
      const lease = target.lease(options);
      results.push(watch(lease));
      lease.then(
        (held) => void virtual.setTimeout(() => void held.release(), 3),
        () => {},
      );
    } else if (step.method === 'map') {
      results.push(watch(target.map([1, 2], work(step), options).next()));
    } else {
      results.push(watch(target[step.method](work(step), options)));
    }
  };

  const made = { created: 0, destroyed: 0 };
  const starting = createTaskManager<object>({
    onCreate: () => ({ id: ++made.created }),
    onDestroy: () => void made.destroyed++,
    workerCount: 1,
    maxWorkerCount: 2,
    resourcePoolSize: 1,
    tasksPerWorker,
    ...(maxQueueSize !== undefined && { maxQueueSize, onFull: 'drop-oldest' as const }),
    abandonAfter: 5,
    maxRetries: 1,
    createBackoff: () => 1,
    checkHealth: (error): never =>
      ({
        get resource() {
          perform(verdict);
          return error === FAILURE ? 'keep' : 'replace';
        },
        get task() {
          return error === FAILURE ? 'fail' : 'retry';
        },
        after: 1,
      }) as never,
    clock,
  });
  await virtual.runAll();
  const live = await starting;
  manager = live;
  clock.isOn = true;
  for (const step of submissions) {
    submit(live, step);
    await virtual.advance(step.pause);
  }
  await virtual.advance(20);
  const stopping = watch(live.stop({ timeout: 100 }));
  await virtual.advance(50);
  clock.isOn = false;
  await virtual.advance(200);
  for (let i = 0; i < 100 && stopping.state === 'pending'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // a timer of the system's may stand in
    await virtual.advance(50);
  }
  await virtual.runAll();

  expect([stopping, ...endings].map(({ state }) => state)).not.toContain('pending');
  expect(stopping.state).toBe('fulfilled');
  expect(results.map(({ settlements }) => settlements)).toEqual(results.map(() => 1));
  const { state: _, ...numbers } = live.stats();
  expect(Object.entries(numbers).filter(([, value]) => value !== 0)).toEqual([]);
  const { totalTasksArrived, totalTasksCompleted, totalTasksFailed, totalTasksCancelled } = live.metrics();
  expect(totalTasksCompleted + totalTasksFailed).toBeLessThanOrEqual(totalTasksArrived);
  expect(totalTasksArrived).toBeLessThanOrEqual(totalTasksCompleted + totalTasksFailed + totalTasksCancelled);
  expect(made.destroyed).toBe(made.created);
}

describe('among hostile options, signals, clocks, verdicts and thenables', () => {
  it('every promise settles once, the counts return to 0 and stop() resolves', async () => {
    await fc.assert(fc.asyncProperty(script, live), { numRuns: Number(process.env['HOSTILE_RUNS'] ?? 1_000) });
  });
});
