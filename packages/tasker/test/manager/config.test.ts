import { describe, expect, it } from 'vitest';
import { createCollector, createTaskManager, isTaskerError } from '../../src/index.ts';
import type { Logger, TaskManagerConfig } from '../../src/index.ts';
import { resizedSizes, resolveConfig } from '../../src/manager/config.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { harness, start } from '../support/harness.ts';

type Config = TaskManagerConfig<string>;

const required = { onCreate: () => 'db', onDestroy: () => {}, workerCount: 4 };

/** What is wrong with the options; the types switched off, as in JavaScript. */
function complaint(options: Record<string, unknown>): string {
  try {
    resolveConfig({ ...required, ...options });
  } catch (error) {
    expect(isTaskerError(error, 'INVALID_CONFIG')).toBe(true);
    return (error as Error).message;
  }
  return 'no complaint';
}

const NOT_A_FUNCTION: readonly [unknown, string][] = [
  [null, 'null'],
  [1, '1'],
  ['f', '"f"'],
  [{}, '[Object]'],
];
const NOT_A_DURATION: readonly [unknown, string][] = [
  [-1, '-1'],
  [-0.5, '-0.5'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  ['100', '"100"'],
  [null, 'null'],
  [true, 'true'],
];
const NOT_A_PERIOD: readonly [unknown, string][] = [...NOT_A_DURATION, [0, '0']];
const NOT_A_COUNT: readonly [unknown, string][] = [
  [-1, '-1'],
  [1.5, '1.5'],
  [Number.NaN, 'NaN'],
  [2 ** 53, '9007199254740992'],
  ['1', '"1"'],
  [null, 'null'],
  [1n, '1n'],
];
const NO_RATE: readonly [unknown, string][] = [
  [null, 'null'],
  [5, '5'],
  ['10/s', '"10/s"'],
];
const NOT_POSITIVE: readonly [unknown, string][] = [...NOT_A_COUNT, [0, '0']];

/** Each option, its rule in words, and values that break it. */
const RULES: Record<string, readonly [rule: string, wrong: readonly (readonly [unknown, string])[]]> = {
  onCreate: ['a function', NOT_A_FUNCTION],
  onDestroy: ['a function', NOT_A_FUNCTION],
  workerCount: ['a positive integer', [...NOT_POSITIVE, [Infinity, 'Infinity']]],
  signal: [
    'an AbortSignal',
    [
      [null, 'null'],
      [{}, '[Object]'],
      [new AbortController(), '[AbortController]'],
      [new EventTarget(), '[EventTarget]'],
    ],
  ],
  checkHealth: ['a function', NOT_A_FUNCTION],
  startTimeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  lazy: [
    'true or false',
    [
      [1, '1'],
      ['yes', '"yes"'],
      [null, 'null'],
    ],
  ],
  maxResources: ['a positive integer or Infinity', NOT_POSITIVE],
  maxWorkerCount: ['a positive integer', [...NOT_POSITIVE, [Infinity, 'Infinity']]],
  burstInterval: ['a finite number of milliseconds above 0', [...NOT_A_PERIOD, [Infinity, 'Infinity']]],
  maxRetries: ['an integer, 0 or more', [...NOT_A_COUNT, [Infinity, 'Infinity']]],
  resourcePoolSize: ['an integer, 0 or more', [...NOT_A_COUNT, [Infinity, 'Infinity']]],
  logger: [
    'an object with debug, info, warn and error methods',
    [
      [null, 'null'],
      ['console', '"console"'],
      [{ info: () => {} }, '[Object]'],
      [{ debug: 1, info: 1, warn: 1, error: 1 }, '[Object]'],
    ],
  ],
  collector: [
    'an object with recordArrival, recordCompletion, recordFailure, recordRetry and metrics methods',
    [
      [null, 'null'],
      [new Map(), '[Map]'],
      [{ metrics: () => ({}), recordArrival: undefined }, '[Object]'],
    ],
  ],
  maxTemporaryResources: ['an integer, 0 or more, or Infinity', NOT_A_COUNT],
  tasksPerWorker: ['a positive integer', [...NOT_POSITIVE, [Infinity, 'Infinity']]],
  maxQueueSize: ['an integer, 0 or more, or Infinity', NOT_A_COUNT],
  onFull: [
    "'reject', 'drop-oldest' or 'drop-lowest'",
    [
      ['drop', '"drop"'],
      [null, 'null'],
      [true, 'true'],
    ],
  ],
  keyConcurrency: ['a positive integer or Infinity', NOT_POSITIVE],
  rate: ['{ limit, interval } or a list of those', NO_RATE],
  keyRate: ['{ limit, interval } or a list of those', NO_RATE],
  aging: ['a number of milliseconds above 0', NOT_A_PERIOD],
  stuckAfter: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  validate: ['a function', NOT_A_FUNCTION],
  validateAfter: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  validateTimeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  onRelease: ['a function', NOT_A_FUNCTION],
  keepAlive: ['a number of milliseconds above 0', NOT_A_PERIOD],
  maxAge: ['a number of milliseconds above 0', NOT_A_PERIOD],
  maxUses: ['a positive integer or Infinity', NOT_POSITIVE],
  timeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  queueTimeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  abandonAfter: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  retry: [
    'an object',
    [
      [null, 'null'],
      [3, '3'],
      [false, 'false'],
    ],
  ],
  createTimeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  destroyTimeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  createBackoff: ['a function', NOT_A_FUNCTION],
  targetWait: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  idleTimeout: ['a number of milliseconds, 0 or more', NOT_A_DURATION],
  scaling: [
    "'auto', 'off' or a function",
    [
      ['on', '"on"'],
      [true, 'true'],
      [null, 'null'],
    ],
  ],
  growthMustPay: [
    'true or false',
    [
      ['no', '"no"'],
      [0, '0'],
      [null, 'null'],
    ],
  ],
  asyncContext: [
    'true or false',
    [
      ['yes', '"yes"'],
      [1, '1'],
      [null, 'null'],
    ],
  ],
  clock: [
    'an object with now, setTimeout and clearTimeout methods',
    [
      [null, 'null'],
      [Date, '[Function Date]'],
      [{ now: () => 0 }, '[Object]'],
    ],
  ],
  on: [
    'an object',
    [
      [null, 'null'],
      [3, '3'],
      [() => {}, '[Function]'],
    ],
  ],
  name: [
    'a string',
    [
      [1, '1'],
      [null, 'null'],
    ],
  ],
};

describe('the configuration', () => {
  for (const [option, [rule, wrong]] of Object.entries(RULES)) {
    it(`says "${option} must be ${rule}, got …"`, () => {
      for (const [value, printed] of wrong) {
        expect(complaint({ [option]: value })).toBe(`${option} must be ${rule}, got ${printed}`);
      }
    });
  }

  it('is checked in every option it has', () => {
    const unchecked = ['burstTaskThreshold', 'burstWorkerCount'];
    const all: Required<{ [key in keyof Config]: true }> = {
      onCreate: true,
      onDestroy: true,
      workerCount: true,
      signal: true,
      checkHealth: true,
      startTimeout: true,
      lazy: true,
      maxResources: true,
      maxWorkerCount: true,
      burstInterval: true,
      maxRetries: true,
      resourcePoolSize: true,
      logger: true,
      collector: true,
      burstTaskThreshold: true,
      burstWorkerCount: true,
      maxTemporaryResources: true,
      asyncContext: true,
      growthMustPay: true,
      tasksPerWorker: true,
      maxQueueSize: true,
      onFull: true,
      keyConcurrency: true,
      rate: true,
      keyRate: true,
      aging: true,
      stuckAfter: true,
      validate: true,
      validateAfter: true,
      validateTimeout: true,
      onRelease: true,
      keepAlive: true,
      maxAge: true,
      maxUses: true,
      timeout: true,
      queueTimeout: true,
      abandonAfter: true,
      retry: true,
      createTimeout: true,
      destroyTimeout: true,
      createBackoff: true,
      targetWait: true,
      idleTimeout: true,
      scaling: true,
      clock: true,
      name: true,
      on: true,
    };
    expect(
      Object.keys(all)
        .filter((option) => !unchecked.includes(option))
        .toSorted(),
    ).toEqual(Object.keys(RULES).toSorted());
  });

  it('must have workerCount, and onCreate and onDestroy both or neither', () => {
    const rule = 'onCreate and onDestroy must be given both or neither';
    expect(complaint({ onCreate: undefined })).toBe(`${rule}, got onDestroy alone`);
    expect(complaint({ onDestroy: undefined })).toBe(`${rule}, got onCreate alone`);
    expect(resolveConfig({ workerCount: 1 })).toMatchObject({ sizes: { workerCount: 1 } });
    expect(complaint({ workerCount: undefined })).toBe('workerCount must be a positive integer, got undefined');
  });

  it('must be an object', () => {
    for (const [value, printed] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [7, '7'],
    ] as const) {
      expect(() => resolveConfig(value as unknown as Config)).toThrow(`config must be an object, got ${printed}`);
    }
  });

  it('refuses an unknown option and hints at the nearest known one', () => {
    expect(complaint({ maxWorkers: 3 })).toBe('maxWorkers is not a known option, did you mean maxWorkerCount?');
    expect(complaint({ WORKERCOUNT: 3 })).toBe('WORKERCOUNT is not a known option, did you mean workerCount?');
    expect(complaint({ poolSize: 3 })).toBe('poolSize is not a known option, did you mean resourcePoolSize?');
    expect(complaint({ xyzzy: 3 })).toBe('xyzzy is not a known option');
    expect(complaint({ xyzzy: undefined })).toBe('xyzzy is not a known option');
    expect(complaint({ ['constructor']: 3 })).toMatch(/^constructor is not a known option/);
    expect(complaint({ ['toString']: 3 })).toMatch(/^toString is not a known option/);
  });

  it('says which part of retry is wrong', () => {
    expect(complaint({ retry: { maxRetries: 1.5 } })).toBe('retry.maxRetries must be an integer, 0 or more, got 1.5');
    expect(complaint({ retry: { backoff: 100 } })).toBe('retry.backoff must be a function, got 100');
    expect(complaint({ retry: { budget: 5 } })).toBe('retry.budget must be an object, got 5');
    expect(complaint({ retry: { maxRetry: 5 } })).toBe(
      'retry.maxRetry is not a known option, did you mean retry.maxRetries?',
    );
    expect(complaint({ retry: { budget: { ratio: -1, minPerSecond: 0 } } })).toBe(
      'retry.budget.ratio must be a finite number, 0 or more, got -1',
    );
    expect(complaint({ retry: { budget: { ratio: 0.1, minPerSecond: Infinity } } })).toBe(
      'retry.budget.minPerSecond must be a finite number, 0 or more, got Infinity',
    );
    expect(complaint({ retry: { budget: { ratio: 0.1 } } })).toBe(
      'retry.budget.minPerSecond must be a finite number, 0 or more, got undefined',
    );
    expect(complaint({ retry: { budget: { ratio: 0.1, minPerSecond: 1, per: 1 } } })).toMatch(
      /^retry\.budget\.per is not a known option/,
    );
  });

  it('refuses options that do not go together', () => {
    expect(complaint({ maxWorkerCount: 3 })).toBe('maxWorkerCount must be at least workerCount, 4, got 3');
    expect(complaint({ resourcePoolSize: 0, maxTemporaryResources: 0 })).toMatch(
      /^maxTemporaryResources must be at least 1 when resourcePoolSize is 0.* got 0$/,
    );
    expect(complaint({ keepAlive: 1_000 })).toMatch(/^keepAlive must .*validate/);
    expect(complaint({ onRelease: () => {}, tasksPerWorker: 2 })).toMatch(/^onRelease must .*tasksPerWorker/);
    expect(complaint({ keepAlive: 1_000, validate: () => true })).toBe('no complaint');
    expect(complaint({ onRelease: () => {}, tasksPerWorker: 1 })).toBe('no complaint');
    expect(complaint({ maxWorkerCount: 4 })).toBe('no complaint');
    expect(complaint({ resourcePoolSize: 1, maxTemporaryResources: 0 })).toBe('no complaint');
  });

  it('takes 0 for 0, fractions of milliseconds and Infinity for "never"', () => {
    const durations = ['timeout', 'queueTimeout', 'abandonAfter', 'createTimeout', 'destroyTimeout', 'targetWait'];
    for (const option of [...durations, 'idleTimeout', 'stuckAfter', 'validateAfter', 'validateTimeout']) {
      for (const value of [0, 0.5, 1e12, Infinity]) expect(complaint({ [option]: value })).toBe('no complaint');
    }
    expect(resolveConfig({ ...required, timeout: 0, targetWait: 0, maxRetries: 0, resourcePoolSize: 0 })).toMatchObject(
      {
        timeout: 0,
        targetWait: 0,
        retry: { maxRetries: 0 },
        sizes: { resourcePoolSize: 0 },
      },
    );
  });

  it('has the documented defaults', () => {
    const config = resolveConfig(required);
    expect(config).toMatchObject({
      sizes: { workerCount: 4, maxWorkerCount: 8, resourcePoolSize: 4 },
      burstInterval: 100,
      retry: { maxRetries: 3 },
      tasksPerWorker: 1,
      maxTemporaryResources: Infinity,
      maxResources: Infinity,
      startTimeout: 0,
      isLazy: false,
      maxQueueSize: Infinity,
      onFull: 'reject',
      keyConcurrency: Infinity,
      rate: [],
      keyRate: [],
      aging: Infinity,
      timeout: Infinity,
      queueTimeout: Infinity,
      abandonAfter: 5_000,
      stuckAfter: Infinity,
      createTimeout: 30_000,
      destroyTimeout: 5_000,
      validateTimeout: 5_000,
      validateAfter: 500,
      asyncContext: true,
      keepAlive: Infinity,
      maxAge: Infinity,
      maxUses: Infinity,
      targetWait: 100,
      idleTimeout: undefined,
      scaling: 'auto',
      checkHealth: undefined,
      signal: undefined,
      name: undefined,
      deprecated: [],
    });
    expect(resolveConfig({ ...required, burstInterval: 250 }).targetWait).toBe(250);
    expect(config.retry.backoff).toBe(undefined);
    expect(config.retry.budget).toBe(undefined);
  });

  it('prefers retry.maxRetries to maxRetries', () => {
    expect(resolveConfig({ ...required, maxRetries: 1 }).retry.maxRetries).toBe(1);
    expect(resolveConfig({ ...required, maxRetries: 1, retry: {} }).retry.maxRetries).toBe(1);
    expect(resolveConfig({ ...required, maxRetries: 1, retry: { maxRetries: 2 } }).retry.maxRetries).toBe(2);
  });

  it('makes the default collector on the given clock', async () => {
    const clock = new VirtualClock();
    const { collector } = resolveConfig({ ...required, clock });
    collector.recordArrival?.();
    await clock.advance(2_000);
    expect(collector.metrics().taskArrivalRate).toBeLessThanOrEqual(1);
    expect(resolveConfig({ ...required, collector }).collector).toBe(collector);
  });

  it('may be an instance of a class, with inherited options and hooks that use `this` and private fields', async () => {
    const { fakes, clock, adopt } = harness();
    class Base {
      workerCount = 2;
      get resourcePoolSize(): number {
        return 1;
      }
      onDestroy: typeof fakes.onDestroy = fakes.onDestroy;
    }
    class Database extends Base {
      readonly #log: string[] = [];
      readonly clock = clock;
      onCreate(context: Parameters<typeof fakes.onCreate>[0]) {
        this.#log.push('onCreate');
        return fakes.onCreate(context);
      }
      checkHealth(): boolean {
        this.#log.push('checkHealth');
        return true;
      }
      static log(of: Database): string[] {
        return of.#log;
      }
    }
    const config = new Database();
    const manager = adopt(await createTaskManager(config));
    expect(manager.stats()).toMatchObject({ baseWorkers: 2, availableResources: 1 });
    await expect(manager.queueTask(() => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(Database.log(config)).toEqual(['onCreate', 'onCreate', 'onCreate', 'checkHealth']);
  });

  it('of a class is checked as well: its own unknown fields and what it inherits', () => {
    class Wrong {
      onCreate = required.onCreate;
      onDestroy = required.onDestroy;
      get workerCount(): number {
        return 0;
      }
    }
    class Unknown {
      onCreate = required.onCreate;
      onDestroy = required.onDestroy;
      workerCount = 1;
      helper = 1;
    }
    expect(() => resolveConfig(new Wrong())).toThrow('workerCount must be a positive integer, got 0');
    expect(() => resolveConfig(new Unknown() as Config)).toThrow('helper is not a known option');
  });

  it('may have no prototype, and may be frozen', () => {
    const bare = Object.assign(Object.create(null) as object, required) as Config;
    expect(resolveConfig(bare).sizes.workerCount).toBe(4);
    expect(resolveConfig(Object.freeze({ ...required })).sizes.workerCount).toBe(4);
  });

  it('is read once: changing the object later changes nothing', () => {
    const config: Config = { ...required, checkHealth: () => true };
    const resolved = resolveConfig(config);
    config.workerCount = 99;
    config.onCreate = () => 'other';
    config.checkHealth = () => false;
    expect(resolved.sizes.workerCount).toBe(4);
    const context = { signal: new AbortController().signal, kind: 'base', invalidate: () => {} } as const;
    expect(resolved.onCreate(context)).toBe('db');
    expect(resolved.checkHealth?.(new Error('x'), {} as never)).toBe(true);
  });
});

function warnings(): { logger: Logger; messages: string[] } {
  const messages: string[] = [];
  return {
    messages,
    logger: { ...silentLogger, warn: (message) => void messages.push(message) },
  };
}

describe('the deprecated burst options', () => {
  it('are accepted and ignored with exactly one warning that names them', async () => {
    for (const [options, names] of [
      [{ burstTaskThreshold: 10 }, ['burstTaskThreshold']],
      [{ burstWorkerCount: 2 }, ['burstWorkerCount']],
      [{ burstTaskThreshold: 10, burstWorkerCount: 2 }, ['burstTaskThreshold', 'burstWorkerCount']],
      [{ burstTaskThreshold: -1, burstWorkerCount: 0 }, ['burstTaskThreshold', 'burstWorkerCount']],
    ] as const) {
      const { logger, messages } = warnings();
      const { manager } = await start({ logger, ...options });
      await manager.queueTask(() => {});
      expect(messages).toHaveLength(1);
      for (const name of names) expect(messages[0]).toContain(name);
    }
  });

  it('cause no warning when they are absent or undefined', async () => {
    const { manage } = harness();
    const { logger, messages } = warnings();
    await manage({ logger, ...({ burstTaskThreshold: undefined } as object) });
    expect(messages).toEqual([]);
  });

  it('cause no warning when the rest of the configuration is refused', async () => {
    const { config } = harness();
    const { logger, messages } = warnings();
    await expect(createTaskManager(config({ logger, burstWorkerCount: 1, workerCount: 0 }))).rejects.toThrow();
    expect(messages).toEqual([]);
  });
});

const current = { workerCount: 4, maxWorkerCount: 8, resourcePoolSize: 3, isMaxGiven: false };

const unbounded = { maxTemporaryResources: Infinity, maxResources: Infinity };

const resize =
  (size: unknown, bounds: object = {}) =>
  () =>
    resizedSizes(size as object, { ...current, isMaxGiven: true }, { ...unbounded, ...bounds });

describe('resizedSizes', () => {
  it('lets an unset maxWorkerCount follow workerCount, and keeps a given one', () => {
    expect(resizedSizes({ workerCount: 6 }, current, unbounded)).toEqual({
      workerCount: 6,
      maxWorkerCount: 12,
      resourcePoolSize: 3,
      isMaxGiven: false,
    });
    expect(resizedSizes({ workerCount: 6 }, { ...current, isMaxGiven: true }, unbounded).maxWorkerCount).toBe(8);
    expect(resizedSizes({ maxWorkerCount: 20 }, current, unbounded)).toMatchObject({
      workerCount: 4,
      maxWorkerCount: 20,
      isMaxGiven: true,
    });
    expect(resizedSizes({}, current, unbounded)).toEqual(current);
  });

  it('refuses what a start would refuse', () => {
    expect(resize({ workerCount: 9 })).toThrow('maxWorkerCount must be at least workerCount, 9, got 8');
    expect(resize({ workerCount: 0 })).toThrow('workerCount must be a positive integer, got 0');
    expect(resize({ resourcePoolSize: 0 }, { maxTemporaryResources: 0 })).toThrow(
      'maxTemporaryResources must be at least 1',
    );
    expect(resize({ resourcePoolSize: 5 }, { maxResources: 8 })).toThrow('maxResources must be at least');
    expect(resize({ workers: 1 })).toThrow('workers is not a known option');
    expect(resize(null)).toThrow('size must be an object, got null');
  });
});

describe('createCollector', () => {
  it('refuses a wrong window in the same form', () => {
    expect(() => createCollector({ window: 0 })).toThrow(/^window must be .*, got 0$/);
    expect(() => createCollector({ window: Number.NaN })).toThrow(/^window must be .*, got NaN$/);
  });
});
