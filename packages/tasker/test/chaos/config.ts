import type { RateLimit, TaskManagerConfig } from 'tasker';
import type { ChaosResource } from './resource.ts';
import type { Random } from './random.ts';

/** The hooks of a manager, and whatever else of its user's it calls. */
export const HOOKS = [
  'onCreate',
  'onDestroy',
  'checkHealth',
  'validate',
  'onRelease',
  'backoff',
  'createBackoff',
  'scaling',
  'logger',
  'collector',
  'listener',
] as const;

export type HookName = (typeof HOOKS)[number];

/** How one life is set up. */
export interface Plan {
  /** Everything but hooks, the clock and the signal. */
  readonly options: Omit<TaskManagerConfig<ChaosResource>, 'onCreate' | 'onDestroy'>;
  /** Which optional hooks there are. */
  readonly has: Record<HookName, boolean>;
  /** How often each hook misbehaves, from 0 to 1. */
  readonly moods: Record<HookName, number>;
  /** Whether hooks misbehave from the start or only once the manager is up. */
  readonly isTroubledStart: boolean;
  /** Whether the callers do not wait for the start. */
  readonly isEarly: boolean;
  /** How often hooks and tasks call the manager back, from 0 to 1. */
  readonly reentrance: number;
  /** How often resources die by themselves, from 0 to 1. */
  readonly mortality: number;
  /** How often what is behind the resources has too much to do, from 0 to 1. */
  readonly overload: number;
  readonly hasSignal: boolean;
  readonly steps: number;
}

/** Draws a set-up that the manager accepts. */
export function drawPlan(random: Random): Plan {
  const isWild = random.chance(0.3);
  const mood = (): number => (random.chance(isWild ? 0.2 : 0.65) ? 0 : random.pick([0.05, 0.2, 0.5, 1]));
  const moods = Object.fromEntries(HOOKS.map((hook) => [hook, mood()])) as Record<HookName, number>;
  const has = Object.fromEntries(HOOKS.map((hook) => [hook, random.chance(0.35)])) as Record<HookName, boolean>;
  has.checkHealth = random.chance(0.8);
  const tasksPerWorker = random.chance(0.6) ? undefined : random.int(1, 3);
  if ((tasksPerWorker ?? 1) > 1) has.onRelease = false;
  return {
    options: drawOptions(random, has, tasksPerWorker),
    has,
    moods: { ...moods, onCreate: Math.min(moods.onCreate, 0.7) },
    isTroubledStart: random.chance(0.12),
    isEarly: random.chance(0.15),
    reentrance: random.chance(0.6) ? 0 : random.pick([0.02, 0.1]),
    mortality: random.chance(0.5) ? 0 : random.pick([0.05, 0.3, 0.8]),
    overload: random.chance(0.5) ? 0 : random.pick([0.1, 0.4, 0.9]),
    hasSignal: random.chance(0.3),
    steps: random.chance(0.1) ? random.int(40, 80) : random.int(3, 25),
  };
}

/** The same without what is done to resources between two tasks: then one can follow another at once. */
export function lookingAfterNothing({ options, has, ...plan }: Plan): Plan {
  const { maxUses: _, maxAge: __, keepAlive: ___, ...left } = options;
  return { ...plan, options: left, has: { ...has, validate: false, onRelease: false } };
}

function drawOptions(
  random: Random,
  has: Record<HookName, boolean>,
  tasksPerWorker: number | undefined,
): Plan['options'] {
  const rarely = 0.25;
  const workerCount = random.int(1, 3);
  const resourcePoolSize = random.maybe(0.8, () => random.int(0, 2));
  const hasPool = (resourcePoolSize ?? workerCount) > 0;
  const options: Record<string, unknown> = {
    workerCount,
    tasksPerWorker,
    resourcePoolSize,
    maxWorkerCount: random.maybe(0.7, () => workerCount + random.int(0, 3)),
    startTimeout: random.maybe(0.4, () => random.pick([0, 100, 2_000])),
    lazy: random.maybe(0.2, () => true),
    maxResources: random.maybe(
      0.25,
      () => workerCount + (resourcePoolSize ?? workerCount) + random.int(hasPool ? 0 : 1, 3),
    ),
    burstInterval: random.maybe(0.5, () => random.int(10, 200)),
    maxRetries: random.maybe(0.4, () => random.int(0, 3)),
    maxTemporaryResources: random.maybe(0.5, () => random.int(hasPool ? 0 : 1, 2)),
    maxQueueSize: random.maybe(0.4, () => random.int(0, 6)),
    onFull: random.maybe(0.6, () => random.pick(['reject', 'drop-oldest', 'drop-lowest'])),
    keyConcurrency: random.maybe(0.5, () => random.int(1, 3)),
    rate: random.maybe(0.3, () => drawRates(random)),
    keyRate: random.maybe(0.25, () => drawRates(random)),
    aging: random.maybe(0.3, () => random.pick([5, 20, 100])),
    timeout: random.maybe(rarely, () => random.int(5, 80)),
    queueTimeout: random.maybe(rarely, () => random.int(0, 150)),
    abandonAfter: random.maybe(0.7, () => random.pick([0, 5, 30, 200])),
    stuckAfter: random.maybe(rarely, () => random.int(0, 50)),
    createTimeout: random.int(20, 100),
    destroyTimeout: random.int(10, 60),
    validateTimeout: random.int(5, 50),
    validateAfter: random.maybe(0.7, () => random.pick([0, 1, 20])),
    keepAlive: has.validate ? random.maybe(0.5, () => random.int(20, 100)) : undefined,
    maxAge: random.maybe(rarely, () => random.int(50, 500)),
    maxUses: random.maybe(rarely, () => random.int(1, 10)),
    targetWait: random.maybe(0.6, () => random.pick([0, 0, 10, 100])),
    idleTimeout: random.maybe(0.6, () => random.pick([0, 10, 100])),
    scaling: random.maybe(0.3, () => random.pick(['auto', 'off'])),
    name: random.maybe(rarely, () => 'chaos'),
    burstTaskThreshold: random.maybe(0.05, () => 5),
    burstWorkerCount: random.maybe(0.05, () => 5),
    retry: random.maybe(0.4, () =>
      given({
        maxRetries: random.maybe(0.5, () => random.int(0, 4)),
        budget: random.maybe(0.3, () => ({ ratio: random.pick([0, 0.2, 1]), minPerSecond: random.pick([0, 0.1, 2]) })),
      }),
    ),
  };
  return given(options) as unknown as Plan['options'];
}

/** The slowest lets three tasks a second start: lives must come to an end. */
function drawRates(random: Random): RateLimit | RateLimit[] {
  const draw = (): RateLimit => ({
    limit: random.pick([1, 3, 7.5, 40]),
    interval: random.pick([10, 30, 100, 333]),
    ...given({
      burst: random.maybe(0.5, () => random.pick([1, 1.5, 2, 5])),
      unit: random.maybe(0.3, () => 'tokens'),
    }),
  });
  return random.chance(0.7) ? draw() : Array.from({ length: random.int(0, 3) }, draw);
}

/** Without the keys whose value is undefined. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
