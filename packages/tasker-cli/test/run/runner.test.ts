import { startTaskManager } from 'tasker';
import type { PlainTaskManagerConfig } from 'tasker';
import { expect, onTestFinished, test } from 'vitest';
import { runHere } from '../../src/work/item-runner.ts';
import type { Item } from '../../src/input/item.ts';
import type { ResultLine } from '../../src/output/result-line.ts';
import type { Results } from '../../src/output/results.ts';
import { Tally } from '../../src/tally/tally.ts';
import { OwnWorkforce } from '../../src/run/own-workforce.ts';
import { Runner } from '../../src/run/runner.ts';

type Options = Partial<PlainTaskManagerConfig> & { readonly run?: (item: unknown) => unknown };

/** A runner whose output takes `room` lines, then waits for `free`. */
function start(room: number, maxQueueSize = Infinity, { run = (item: unknown) => item, ...options }: Options = {}) {
  const manager = startTaskManager({ workerCount: 2, scaling: 'off', resourcePoolSize: 0, ...options });
  onTestFinished(async () => void (await manager.kill()));
  const lines: unknown[] = [];
  let pulled = 0;
  let full: (() => void) | undefined;
  let told: (() => void) | undefined;
  const isFull = new Promise<void>((resolve) => (told = resolve));
  const results = {
    held: 0,
    put: (_place: number, line: ResultLine | null) => lines.push(line && JSON.parse(line.text)),
    room: () => {
      if (lines.length < room) return undefined;
      told?.();
      return new Promise<void>((resolve) => (full = resolve));
    },
  } as unknown as Results;
  const workforce = new OwnWorkforce(manager, {
    items: runHere({ options: {}, run }),
    maxQueueSize,
    hasRate: false,
    log: () => {},
    isUnknown: () => false,
    began: () => true,
    maxOutage: 60_000,
  });
  const runner = new Runner(workforce, {
    optionsOf: () => undefined,
    results,
    tally: new Tally(),
    isFilledFirst: false,
  });
  async function* portions(count: number): AsyncGenerator<Item[]> {
    for (let index = 0; index < count; index++) {
      pulled++;
      yield [{ index, value: index }];
    }
  }
  const free = (): void => {
    room = Infinity;
    full?.();
  };
  return { manager, workforce, runner, portions, lines, isFull, free, pulled: () => pulled };
}

test('an output that is full holds the input back', async () => {
  const { runner, portions, lines, isFull, free, pulled } = start(10);
  const run = runner.run(portions(5_000));
  await isFull;
  await new Promise(setImmediate);
  const held = pulled();
  expect(held).toBeLessThan(2_000);
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  expect(pulled()).toBe(held);
  free();
  await run;
  expect(lines).toHaveLength(5_000);
});

test('no item is refused by a queue with bounds', async () => {
  const { runner, portions, lines } = start(Infinity, 1);
  await runner.run(portions(100));
  expect(lines).toHaveLength(100);
  expect(lines.every((line) => (line as { ok: boolean }).ok)).toBe(true);
});

async function* failing(): AsyncGenerator<Item[]> {
  yield [{ index: 0, value: 'a' }];
  throw new Error('the line is cut');
}

test('what the input throws is told after the last outcome', async () => {
  const { runner, lines } = start(Infinity);
  await expect(runner.run(failing())).rejects.toThrow('the line is cut');
  expect(lines).toMatchObject([{ input: 'a', ok: true }]);
});

test('after a stop nothing starts, and what waited has no line', async () => {
  const { runner, portions, lines } = start(Infinity);
  runner.stop();
  await runner.run(portions(10));
  expect(lines).toEqual([]);
});

test('after a stop a run that fails is not retried', async () => {
  const { runner, portions, lines } = start(Infinity, Infinity, {
    checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    maxRetries: 1_000_000,
    run: () => {
      runner.stop();
      throw new Error('again');
    },
  });
  await runner.run(portions(1));
  expect(lines).toEqual([null]);
});

test('errors of a manager that the module has for itself, and one that cannot be read, fail their items', async () => {
  const inner = startTaskManager({ workerCount: 1, resourcePoolSize: 0 });
  await inner.kill();
  const trap = new Proxy(new Error('hidden'), {
    get: () => {
      throw new Error('trap');
    },
  });
  const { workforce, runner, portions, lines } = start(Infinity, Infinity, {
    run: (item) => {
      if (item === 1) throw trap;
      return item === 0 ? inner.queueTask(() => 0) : item;
    },
  });
  await runner.run(portions(3));
  expect(lines).toHaveLength(3);
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ index: 0, ok: false, error: expect.objectContaining({ code: 'STOPPED' }) }),
      expect.objectContaining({ index: 1, ok: false }),
      expect.objectContaining({ index: 2, ok: true }),
    ]),
  );
  expect(workforce.failure).toBeUndefined();
});

test('a manager that is stopped from elsewhere ends the run', async () => {
  const { manager, workforce, runner, portions } = start(Infinity);
  void manager.stop();
  await runner.run(portions(10));
  expect(runner.written).toBe(0);
  expect(workforce.failure).toMatch('the manager was stopped');
});

test.each([
  ['finishes what it has accepted', false, 5],
  ['drops that when the run is stopped as well', true, 2],
])('a manager that is stopped from elsewhere %s', async (_, isStopped, written) => {
  const opened: (() => void)[] = [];
  const run = (): Promise<void> => new Promise((resolve) => opened.push(resolve));
  const { manager, workforce, runner, portions } = start(Infinity, 5, { workerCount: 1, run });
  const running = runner.run(portions(100));
  const open = async (number: number): Promise<void> => {
    while (opened.length < number) await new Promise(setImmediate);
    opened[number - 1]?.();
  };
  while (manager.stats().queuedTasks < 4) await new Promise(setImmediate);
  void manager.stop();
  await open(1);
  while (workforce.failure === undefined) await new Promise(setImmediate); // the next item is refused
  if (isStopped) runner.stop();
  for (let number = 2; number <= written; number++) await open(number);
  await running;
  expect(runner.written).toBe(written);
  expect(workforce.failure).toMatch('the manager was stopped');
});
