import { createCollector } from 'tasker';
import type {
  CreateContext,
  DestroyReason,
  HealthInfo,
  Logger,
  MetricsCollector,
  OverloadVerdict,
  Scaler,
  TaskInfo,
  TaskManagerConfig,
  Verdict,
} from 'tasker';
import type { Books } from './books.ts';
import type { HookName, Plan } from './config.ts';
import type { ChaosResource } from './resource.ts';
import { text } from './world.ts';
import type { World } from './world.ts';

type Way = 'throws' | 'rejects' | 'hangs' | 'late' | 'garbage' | 'rejects with undefined';

const GARBAGE: readonly unknown[] = [undefined, Number.NaN, -1, Infinity, 'x', {}, [], () => {}];

/** A thenable that is no promise. */
function thenable(value: unknown): unknown {
  // oxlint-disable-next-line unicorn/no-thenable -- that is the point
  return { then: (resolve: (value: unknown) => void) => resolve(value) };
}

/** The hooks of one life: mostly they work; how often they do not, the plan says. */
export class Hooks {
  /** The collector that the one of the user's delegates to. */
  readonly collector: MetricsCollector;
  readonly #world: World;
  readonly #books: Books;
  readonly #plan: Plan;

  constructor(world: World, books: Books, plan: Plan) {
    this.#world = world;
    this.#books = books;
    this.#plan = plan;
    this.collector = createCollector({ clock: world.managerClock });
  }

  /** The configuration of the manager. */
  config(signal: AbortSignal | undefined): TaskManagerConfig<ChaosResource> {
    const { has, options } = this.#plan;
    return {
      ...options,
      onCreate: (context) => this.#create(context) as Promise<ChaosResource>,
      onDestroy: (resource, reason) => this.#destroy(resource, reason),
      clock: this.#world.managerClock,
      ...(signal !== undefined && { signal }),
      ...(has.checkHealth && { checkHealth: (error, info) => this.#checkHealth(error, info) }),
      ...(has.validate && { validate: (resource) => this.#validate(resource) }),
      ...(has.onRelease && { onRelease: (resource) => this.#release(resource) }),
      ...(has.backoff && { retry: { ...options.retry, backoff: () => this.#delay('backoff') } }),
      ...(has.createBackoff && { createBackoff: () => this.#delay('createBackoff') }),
      ...(has.scaling && { scaling: this.#scaler }),
      ...(has.logger && { logger: this.#logger() }),
      ...(has.collector && { collector: this.#collector() }),
    };
  }

  /** A listener that misbehaves. */
  readonly listener = (): unknown => {
    const way = this.#way('listener', ['throws', 'rejects', 'hangs', 'garbage']);
    return way === undefined ? undefined : this.#misbehave('listener', way, GARBAGE);
  };

  /** How a hook misbehaves this time; undefined if it works. */
  #way(hook: HookName, ways: readonly Way[]): Way | undefined {
    const world = this.#world;
    if (world.isCalm) return undefined;
    world.onDisturb();
    if (world.manager === undefined && !this.#plan.isTroubledStart) return undefined;
    const luck = world.luckOf(hook);
    if (!luck.chance(this.#plan.moods[hook])) return undefined;
    const way = luck.pick(ways);
    world.meet(`${hook} ${way}`);
    world.note(hook, way);
    return way;
  }

  #misbehave(hook: string, way: Way, garbage: readonly unknown[]): unknown {
    if (way === 'throws') throw new Error(`${hook} threw`);
    if (way === 'rejects') return Promise.reject(new Error(`${hook} rejected`));
    if (way === 'rejects with undefined') return Promise.reject(undefined);
    if (way === 'hangs') return new Promise(() => {});
    return this.#world.luckOf(hook).pick(garbage);
  }

  #create(context: CreateContext): unknown {
    const world = this.#world;
    const luck = world.luckOf('onCreate');
    const creation = this.#books.creationBegun(context);
    world.note(`onCreate (${context.kind})`);
    const way = this.#way('onCreate', ['throws', 'rejects', 'rejects', 'hangs', 'late', 'garbage']);
    const fail = (): Error => {
      this.#books.creationFailed(creation);
      return new Error(`creation ${creation.order} failed`);
    };
    const make = (): ChaosResource => {
      const resource = this.#books.creationEnded(creation);
      world.note(`made ${text(resource)}`);
      this.#doom(resource);
      return resource;
    };
    const timeout = this.#plan.options.createTimeout ?? 30_000;
    switch (way) {
      case 'throws':
        throw fail();
      case 'rejects':
        return (async () => {
          await world.sleep(luck.int(0, 10));
          throw fail();
        })();
      case 'hangs': // until it is told to give up, or for ever
        if (luck.chance(0.5)) return new Promise(() => {});
        return new Promise((_resolve, reject) => {
          context.signal.addEventListener('abort', () => reject(fail()));
        });
      case 'late':
        return world.sleep(timeout + luck.int(0, 50)).then(make);
      case 'garbage': // dead before it is there
        context.invalidate('stillborn');
        return (async () => {
          if (luck.chance(0.5)) await world.sleep(luck.int(0, 5));
          const resource = make();
          resource.condemn('stillborn');
          return resource;
        })();
      case 'rejects with undefined':
      case undefined:
    }
    if (luck.chance(0.2)) return make();
    if (luck.chance(0.1)) return thenable(make());
    return world.sleep(luck.int(0, 15)).then(make);
  }

  /** The resource may die by itself, at whichever time. */
  #doom(resource: ChaosResource): void {
    const luck = this.#world.luckOf('deaths');
    if (this.#world.isCalm || this.#world.manager === undefined || !luck.chance(this.#plan.mortality)) return;
    this.#world.later(luck.pick([0, 1, 20, 200, 2_000]), () => this.die(resource));
  }

  /** Says that the resource is dead. */
  die(resource: ChaosResource): void {
    const how = resource.state !== 'alive' ? 'late' : resource.users.size > 0 ? 'busy' : 'idle';
    this.#world.meet(`a resource died ${how}`);
    this.#world.note(`${text(resource)} dies`);
    resource.condemn('invalidated');
    resource.context.invalidate('dead');
  }

  #destroy(resource: ChaosResource, reason: DestroyReason): void | Promise<void> {
    const world = this.#world;
    const luck = world.luckOf('onDestroy');
    world.note(`onDestroy of ${text(resource)}, ${reason}`);
    this.#books.destructionBegun(resource, reason);
    const way = this.#way('onDestroy', ['throws', 'rejects', 'hangs', 'late', 'garbage', 'rejects with undefined']);
    const gone = (): void => this.#books.destructionEnded(resource);
    if (way === 'late') {
      return world.sleep((this.#plan.options.destroyTimeout ?? 5_000) + luck.int(0, 20)).then(gone);
    }
    if (way !== undefined) {
      if (way !== 'hangs') gone();
      return this.#misbehave('onDestroy', way, [...GARBAGE, thenable(1)]) as Promise<void>;
    }
    if (luck.chance(0.4)) return gone();
    return world.sleep(luck.int(0, 8)).then(gone);
  }

  #checkHealth(error: unknown, { resource, task }: HealthInfo<ChaosResource>): boolean | Verdict | OverloadVerdict {
    const world = this.#world;
    const luck = world.luckOf('checkHealth');
    world.expect(resource.state === 'alive', () => `checkHealth got ${text(resource)}, which is ${resource.state}`);
    const way = this.#way('checkHealth', ['throws', 'rejects', 'hangs', 'garbage']);
    if (way !== undefined) return this.#misbehave('checkHealth', way, GARBAGE) as boolean;
    if (world.isCalm || luck.chance(0.3)) return true;
    if (luck.chance(this.#plan.overload)) return this.#overload(resource, task);
    if (luck.chance(0.4)) {
      resource.condemn('called sick');
      world.note(`checkHealth of ${task.id}: sick`, error);
      return false;
    }
    const verdict: Verdict = { resource: luck.pick(['keep', 'replace']), task: luck.pick(['fail', 'retry']) };
    if (luck.chance(0.3)) verdict.after = luck.int(0, 30);
    if (verdict.resource === 'replace') resource.condemn('called sick');
    world.meet(`verdict: ${verdict.resource} and ${verdict.task}`);
    world.note(`checkHealth of ${task.id}:`, verdict, error);
    return verdict;
  }

  /** What is behind the resource refuses. */
  #overload(resource: ChaosResource, task: TaskInfo): OverloadVerdict {
    const world = this.#world;
    const luck = world.luckOf('checkHealth');
    const overload = luck.pick([true, true, 'key'] as const);
    const verdict: OverloadVerdict = { overload };
    const ms = luck.int(0, 60);
    const when = luck.pick(['', 'ms', 'ms', 'date', 'bad'] as const);
    if (when === 'ms') verdict.after = ms;
    if (when === 'date') verdict.after = new Date(Date.now() + ms - 5);
    if (when === 'bad') verdict.after = luck.pick([Number.NaN, -1, Infinity, 'x' as never, new Date(Number.NaN)]);
    if (luck.chance(0.2)) verdict.task = luck.pick(['fail', 'retry']);
    if (luck.chance(0.2)) verdict.resource = luck.pick(['keep', 'replace']);
    if (verdict.resource === 'replace') resource.condemn('called sick');
    const after = when === 'ms' ? ms : when === 'date' ? Math.max(0, ms - 5) : 0;
    world.meet(`overload: ${String(overload)}, ${when === '' ? 'no after' : `after ${when}`}`);
    world.meet(`overload of ${this.#books.byId.get(task.id)?.kind ?? 'lease'}`);
    world.note(`checkHealth of ${task.id}:`, verdict);
    this.#books.rates.overloaded(task, overload, after);
    if (verdict.task !== 'fail') this.#books.refused(task.id, after > 0);
    return verdict;
  }

  #validate(resource: ChaosResource): boolean | Promise<boolean> {
    return this.#look('validate', resource, true) as Promise<boolean>;
  }

  #release(resource: ChaosResource): void | Promise<void> {
    return this.#look('onRelease', resource, undefined) as Promise<void>;
  }

  #look(hook: 'validate' | 'onRelease', resource: ChaosResource, fine: unknown): unknown {
    const world = this.#world;
    const luck = world.luckOf(hook);
    this.#books.hookBegan(hook, resource);
    world.note(`${hook} of ${text(resource)}`);
    world.meet(`${hook} was called (${resource.kind === 'pool' ? 'pool' : 'worker'})`);
    const over = (value: unknown): unknown => {
      resource.hook = undefined;
      return value;
    };
    const way = this.#way(hook, ['throws', 'rejects', 'hangs', 'late', 'garbage', 'rejects with undefined']);
    switch (way) {
      case 'throws':
      case 'rejects':
      case 'rejects with undefined':
        resource.condemn(`failed by ${hook}`);
        over(undefined);
        return this.#misbehave(hook, way, []);
      case 'hangs':
        return new Promise(() => {});
      case 'late':
        resource.condemn(`failed by ${hook}`);
        return world.sleep((this.#plan.options.validateTimeout ?? 5_000) + luck.int(1, 20)).then(() => over(fine));
      case 'garbage': {
        const value = luck.pick([false, undefined, 0, '']);
        if (hook === 'validate') resource.condemn('found invalid');
        return over(value);
      }
      case undefined:
    }
    if (luck.chance(0.4)) return over(fine);
    return world.sleep(luck.int(0, 4)).then(() => over(fine));
  }

  #delay(hook: 'backoff' | 'createBackoff'): number {
    const way = this.#way(hook, ['throws', 'rejects', 'hangs', 'garbage']);
    if (way !== undefined) return this.#misbehave(hook, way, GARBAGE) as number;
    this.#world.meet(`${hook} was called`);
    return this.#world.luckOf(hook).int(0, 40);
  }

  readonly #scaler: Scaler = (input) => {
    const luck = this.#world.luckOf('scaling');
    this.#world.meet('scaling was called');
    const way = this.#way('scaling', ['throws', 'rejects', 'hangs', 'garbage']);
    if (way !== undefined) return this.#misbehave('scaling', way, GARBAGE) as number;
    return this.#world.isCalm ? input.workerCount : luck.pick([0, 1.5, input.workers, input.maxWorkerCount, 1e9, -3]);
  };

  #logger(): Logger {
    const log = (message: string): void => {
      this.#world.note('log:', message);
      const way = this.#way('logger', ['throws', 'rejects', 'hangs', 'garbage']);
      if (way !== undefined) return this.#misbehave('logger', way, GARBAGE) as undefined;
    };
    return { debug: log, info: log, warn: log, error: log };
  }

  #collector(): MetricsCollector {
    const inner = this.collector;
    const trouble = (): undefined => {
      const way = this.#way('collector', ['throws', 'rejects', 'hangs', 'garbage']);
      return way === undefined ? undefined : (this.#misbehave('collector', way, GARBAGE) as undefined);
    };
    return {
      recordArrival: (task) => {
        inner.recordArrival(task);
        return trouble();
      },
      recordCompletion: (stamps, task) => {
        const { queuedAt, startedAt, finishedAt } = stamps;
        const isOrdered = queuedAt <= startedAt && startedAt <= finishedAt;
        this.#world.expect(isOrdered, () => `time stamps out of order: ${text(stamps)}`);
        inner.recordCompletion(stamps, task);
        return trouble();
      },
      recordFailure: (stamps, task) => {
        inner.recordFailure(stamps, task);
        return trouble();
      },
      recordRetry: (task) => {
        inner.recordRetry(task);
        return trouble();
      },
      metrics: () => {
        if (this.#way('collector', ['throws']) !== undefined) throw new Error('metrics() threw');
        return inner.metrics();
      },
    };
  }
}
