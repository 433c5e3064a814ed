import type { Cost, Task, TaskContext, TaskOptions } from 'tasker';
import type { Books, Run, TaskTrack } from './books.ts';
import { Lottery } from './random.ts';
import type { ChaosResource } from './resource.ts';
import { text } from './world.ts';
import type { World } from './world.ts';

const WAYS = new Lottery({
  returns: 12,
  'returns later': 30,
  throws: 8,
  'rejects later': 14,
  hangs: 3,
  'heeds its signal': 5,
  'ends late after its signal': 4,
  'is a thenable': 2,
  'is a thenable that throws': 1,
  'throws something odd': 1,
});

/** What a task function does is drawn anew for every run. */
export function chaosTask(world: World, books: Books, track: TaskTrack): Task<ChaosResource, unknown> {
  const run = (resource: ChaosResource, context: TaskContext): unknown =>
    perform(world, books, track, resource, context);
  return world.random.chance(0.1) ? { execute: run } : run;
}

export function perform(
  world: World,
  books: Books,
  track: TaskTrack,
  resource: ChaosResource,
  context: TaskContext,
): unknown {
  const luck = world.luckOf(track.label);
  const run = books.runBegan(track, resource);
  books.byId.set(context.id, track);
  resource.contexts.push(context);
  const way = WAYS.draw(luck);
  world.note(`${track.label} runs on ${text(resource)}, attempt ${context.attempt}: ${way}`);
  world.meet(`a task ${way}`);
  const attempt = track.runs - track.refusals;
  world.expect(context.attempt === attempt, () => `${track.label}: attempt ${context.attempt}, not ${attempt}`);
  world.expect(context.name === track.options.name, () => `${track.label} is called ${String(context.name)}`);
  if (!world.isCalm && luck.chance(0.03)) {
    world.meet('a task invalidates its resource');
    invalidate(world, resource, context);
  }
  world.onDisturb();
  return act(world, books, run, context, way);
}

function act(world: World, books: Books, run: Run, context: TaskContext, way: string): unknown {
  const { task } = run;
  const luck = world.luckOf(task.label);
  const succeed = (): object => {
    const value = { of: task.label };
    task.values.add(value);
    end();
    return value;
  };
  const fail = (error: unknown = new Error(`${task.label} failed in run ${task.runs}`)): unknown => {
    task.errors.add(error);
    end();
    return error;
  };
  const end = (): void => {
    books.runEnded(run);
    world.note(`${task.label} ends`);
    if (!world.isCalm && luck.chance(0.02)) invalidate(world, run.resource, context);
  };
  const ms = world.isBusy || luck.chance(0.3) ? luck.int(0, 2) : luck.int(0, 60);
  switch (way) {
    case 'returns':
      return succeed();
    case 'throws':
      throw fail();
    case 'throws something odd':
      throw fail(luck.pick([undefined, 0, 'a string', false]));
    case 'rejects later':
      return world.sleep(ms).then(() => Promise.reject(fail() as Error));
    case 'hangs':
      return world.hang().then(succeed);
    case 'heeds its signal':
      return new Promise((resolve, reject) => {
        const { signal } = context;
        world.later(ms, () => {
          if (!signal.aborted) resolve(succeed());
        });
        onAbort(signal, () => {
          world.meet('a task heeded its abort');
          world.onDisturb();
          reject(fail(signal.reason));
        });
      });
    case 'ends late after its signal':
      return new Promise((resolve) => {
        const { signal } = context;
        void world.hang().then(() => (books.runs.has(run) ? resolve(succeed()) : undefined));
        onAbort(signal, () => {
          world.later(ms, () => {
            world.meet('a task ended after its abort');
            if (books.runs.has(run)) resolve(succeed());
          });
        });
      });
    case 'is a thenable':
      return {
        // oxlint-disable-next-line unicorn/no-thenable -- that is the point
        then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
          resolve(succeed());
          resolve('twice');
          reject(new Error('and again'));
        },
      };
    case 'is a thenable that throws':
      return {
        // oxlint-disable-next-line unicorn/no-thenable -- that is the point
        get then(): never {
          throw fail();
        },
      };
    default:
      return world.sleep(ms).then(succeed);
  }
}

/** Through the context of a run, perhaps one that is over. */
export function invalidate(world: World, resource: ChaosResource, context: TaskContext | { invalidate(): void }): void {
  world.meet(`context.invalidate ${resource.state === 'alive' ? 'in time' : 'too late'}`);
  world.note(`invalidates ${text(resource)}`);
  resource.condemn('invalidated');
  context.invalidate();
}

const PRIORITIES = [-1, 0, 1, 1, 2, 5];
const KEYS = ['a', 'b', 'c'];

/** Draws the options of a task; undefined in half of the cases. */
export function drawOptions(world: World, signals: readonly AbortController[], label: string): TaskOptions | undefined {
  const { random } = world;
  if (random.chance(0.4)) return undefined;
  const options: TaskOptions = {};
  if (random.chance(0.5)) options.name = label;
  if (random.chance(0.3)) options.priority = random.pick(PRIORITIES);
  if (random.chance(0.2)) options.timeout = random.int(0, 60);
  if (random.chance(0.15)) options.queueTimeout = random.int(0, 100);
  if (random.chance(0.15)) options.deadline = drawDeadline(world);
  if (random.chance(0.2)) options.retry = random.chance(0.3) ? false : drawRetry(world);
  if (random.chance(0.4)) options.key = random.pick(KEYS);
  if (random.chance(0.3)) options.cost = drawCost(world);
  if (random.chance(0.25)) {
    options.signal = (random.chance(0.6) ? random.pick(signals) : world.controller()).signal;
  }
  return options;
}

/** Of what is limited, or of all where that is the same. */
export function drawCost({ random, config }: World, amounts: readonly number[] = [0, 0.3, 1, 1.7, 6]): Cost {
  const amount = random.pick(amounts);
  const units = new Set([config?.rate ?? [], config?.keyRate ?? []].flat().map(({ unit }) => unit));
  const isNamed = units.has('tokens') && (random.chance(0.5) || (units.size > 1 && ![0, 1].includes(amount)));
  return isNamed ? { tokens: amount } : amount;
}

function drawRetry(world: World): Exclude<TaskOptions['retry'], undefined> {
  const { random } = world;
  const luck = world.luckOf('backoff');
  const maxRetries = random.int(0, 3);
  if (random.chance(0.5)) return { maxRetries };
  return {
    maxRetries,
    backoff: () =>
      luck.chance(0.1) ? (Promise.reject(new Error('async')) as never) : luck.pick([0, 1, 30, Number.NaN]),
  };
}

function drawDeadline(world: World): number | Date {
  const ms = world.random.int(0, 150);
  return world.random.chance(0.3) ? new Date(Date.now() + ms - 10) : ms;
}

/** Also where it has aborted already: the resource may have died before the task looked. */
function onAbort(signal: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener);
}
