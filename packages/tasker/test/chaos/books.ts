import { isTaskerError } from 'tasker';
import type { CreateContext, DestroyReason, TaskerErrorCode, TaskOptions } from 'tasker';
import { ChaosResource } from './resource.ts';
import { RateBooks } from './rates.ts';
import type { Tracked, World } from './world.ts';
import { text } from './world.ts';

/** One submitted task or lease, as its caller knows it. */
export interface TaskTrack {
  readonly label: string;
  readonly kind: 'queued' | 'direct' | 'lease' | 'map';
  readonly options: TaskOptions;
  readonly queuedAt: number;
  readonly deadlineAt: number;
  readonly isOnce: boolean;
  /** Submitted when the manager had begun to stop. */
  readonly isTooLate: boolean;
  /** Submitted while it drained. */
  readonly isWhileDraining: boolean;
  priority: number;
  runs: number;
  /** How many of its runs were refused, and are no attempts. */
  refusals: number;
  /** Since when it surely waits in the queue, having run: it was refused. Infinity if it may be held back by a backoff. */
  waitsSince: number;
  startedAt: number;
  /** Absent for the tasks of `map()`. */
  outcome: Tracked | undefined;
  /** What its runs have thrown. */
  readonly errors: Set<unknown>;
  /** What its runs have returned. */
  readonly values: Set<unknown>;
  /** What it was cancelled with. */
  readonly reasons: Set<unknown>;
  isMoved: boolean;
}

/** One run of a task function, or one held lease. */
export interface Run {
  readonly task: TaskTrack;
  readonly resource: ChaosResource;
  readonly startedAt: number;
}

/** One call of `onCreate`. */
export interface Creation {
  readonly group: Group;
  readonly order: number;
  readonly context: CreateContext;
}

/** Resources that share a limit. */
export type Group = 'worker' | 'pool' | 'temporary';

const groupOf = (kind: string): Group => (kind === 'pool' || kind === 'temporary' ? kind : 'worker');

/** Counts resources and runs from the outside, and says when something is wrong with them. */
export class Books {
  readonly resources: ChaosResource[] = [];
  readonly tasks: TaskTrack[] = [];
  readonly runs: Set<Run> = new Set();
  readonly rates: RateBooks;
  /** Tasks that have run, by the id that the manager has given them. */
  readonly byId: Map<string, TaskTrack> = new Map();
  /** Options of the tasks of each `map()` that goes on: one of them may wait unseen. */
  readonly maps: Set<TaskOptions> = new Set();
  creations = 0;
  creationsFailed = 0;
  destructions = 0;
  /** Calls of `onCreate` that are under way. */
  readonly making: Set<Creation> = new Set();
  readonly #world: World;
  /** Made in time and not yet gone, with the instant at which the manager no longer waits for the destruction. */
  readonly #counted = new Map<ChaosResource, number>();
  /** Submitted and not known to be settled. */
  readonly open: Set<TaskTrack> = new Set();
  readonly #waiting = new Set<TaskTrack>();
  readonly #endedAt = new Map<string, number>();
  #suspects: { task: TaskTrack; other: TaskTrack; at: number }[] = [];

  constructor(world: World) {
    this.#world = world;
    this.rates = new RateBooks(world);
  }

  creationBegun(context: CreateContext): Creation {
    const { config, manager } = this.#world;
    const creation: Creation = { group: groupOf(context.kind), order: ++this.creations, context };
    this.making.add(creation);
    const { group } = creation;
    const present = this.present(group);
    const sizes = this.sizes;
    const limit = { worker: sizes.max, pool: sizes.pool, temporary: config?.maxTemporaryResources ?? Infinity }[group];
    this.#world.expect(present <= limit, () => `${present} resources of kind ${group} where ${limit} are allowed`);
    const all = this.present('worker') + this.present('pool') + this.present('temporary');
    const { maxResources = Infinity } = config ?? {};
    this.#world.expect(all <= maxResources, () => `${all} resources where ${maxResources} are allowed`);
    if (all === maxResources) this.#world.meet('maxResources was reached');
    if (present === limit) this.#world.meet(`the limit of kind ${group} was reached`);
    const state = manager?.stats().state;
    this.#world.expect(state !== 'stopped' && state !== 'killed', () => `a creation began when ${String(state)}`);
    return creation;
  }

  /** The sizes after the last resize. */
  sizes = { workers: 1, max: 1, pool: 0 };

  /** How many resources of a group there are, those being made and destroyed included. */
  present(group: Group): number {
    let count = 0;
    for (const creation of this.making) if (creation.group === group && !creation.context.signal.aborted) count++;
    for (const [resource, until] of this.#counted) {
      if (until <= this.#world.now) this.#counted.delete(resource);
      else if (groupOf(resource.kind) === group) count++;
    }
    return count;
  }

  creationFailed(creation: Creation): void {
    this.making.delete(creation);
    this.creationsFailed++;
  }

  creationEnded(creation: Creation): ChaosResource {
    this.making.delete(creation);
    const resource = new ChaosResource(this.resources.length + 1, creation.context, creation.order, this.#world.now);
    this.resources.push(resource);
    if (creation.context.signal.aborted) this.#world.meet('a resource arrived late');
    else this.#counted.set(resource, Infinity);
    return resource;
  }

  destructionBegun(resource: ChaosResource, reason: DestroyReason): void {
    const { config } = this.#world;
    this.#world.expect(resource.state === 'alive', () => `${text(resource)} was destroyed twice`);
    this.#world.meet(`a resource was destroyed: ${reason}`);
    resource.state = 'destroying';
    this.destructions++;
    if (this.#counted.has(resource)) {
      this.#counted.set(resource, this.#world.now + (config?.destroyTimeout ?? 5_000));
    }
    if (resource.users.size > 0) {
      const isKilled = reason === 'shutdown' && this.#world.isKilled;
      const isAbandoned = reason === 'abandoned' && [...resource.users].every((run) => this.isAbandoned(run));
      this.#world.meet(`destroyed in use: ${isKilled ? 'killed' : 'abandoned'}`);
      this.#world.expect(isKilled || isAbandoned, () => `${text(resource)} was destroyed (${reason}) while in use`);
    }
  }

  destructionEnded(resource: ChaosResource): void {
    resource.state = 'destroyed';
    this.#counted.delete(resource);
  }

  /** A hook gets the resource. */
  hookBegan(hook: 'validate' | 'onRelease', resource: ChaosResource): void {
    this.#world.expect(resource.state === 'alive', () => `${hook} got ${text(resource)}, which is ${resource.state}`);
    this.#world.expect(resource.users.size === 0, () => `${hook} got ${text(resource)} while in use`);
    this.#world.expect(resource.hook === undefined, () => `${hook} got ${text(resource)} during ${resource.hook}`);
    resource.hook = hook;
  }

  /** Whether nobody waits for the run any more, and its resource is given up. */
  isAbandoned({ task: { outcome } }: Run): boolean {
    if (outcome === undefined) return true; // it is not known whether its task is settled
    const { config, now } = this.#world;
    if (outcome.state !== 'pending' && now >= outcome.settledAt + (config?.abandonAfter ?? 5_000)) return true;
    return this.#world.isKilled;
  }

  submitted(task: TaskTrack): void {
    this.tasks.push(task);
    if (task.kind !== 'map') this.open.add(task);
    if (task.kind === 'queued') this.#waiting.add(task);
  }

  settled(task: TaskTrack): void {
    this.#waiting.delete(task);
    this.open.delete(task);
  }

  /** None of the open tasks has passed one of its three clocks. */
  checkClocks(): void {
    const { config, now } = this.#world;
    for (const { kind, label, options, queuedAt, deadlineAt, startedAt, runs, refusals } of this.open) {
      const { timeout = config?.timeout ?? Infinity, queueTimeout = config?.queueTimeout ?? Infinity } = options;
      this.#world.expect(now < deadlineAt, () => `${label} is open after its deadline`);
      const hasWaited =
        runs === refusals && ![...this.runs].some(({ task }) => task.label === label) && now >= queuedAt + queueTimeout;
      this.#world.expect(!hasWaited, () => `${label} waits longer than its queueTimeout`);
      const isRunning = kind !== 'lease' && [...this.runs].some(({ task }) => task.label === label);
      const hasRun = timeout < Infinity && isRunning && now >= startedAt + timeout;
      this.#world.expect(!hasRun, () => `${label} runs longer than its timeout`);
    }
  }

  /** `tasks` have been told to end: they do so before time passes. */
  expectEnd(tasks: readonly TaskTrack[], why: string): void {
    const { now } = this.#world;
    for (const { outcome, label } of tasks) this.#ending.push({ outcome, label, why, at: now });
  }

  readonly #ending: { outcome: Tracked | undefined; label: string; why: string; at: number }[] = [];

  /** A task function begins, or a lease is handed out. */
  runBegan(task: TaskTrack, resource: ChaosResource): Run {
    const { config, manager, now } = this.#world;
    const run: Run = { task, resource, startedAt: now };
    const what = (): string => `${task.label} was started on ${text(resource)}`;
    const places = groupOf(resource.kind) === 'worker' ? (config?.tasksPerWorker ?? 1) : 1;
    this.#world.expect(resource.state === 'alive', () => `${what()}, which is ${resource.state}`);
    this.#world.expect(resource.users.size < places, () => `${what()}, which ${resource.users.size} others use`);
    this.#world.expect(resource.hook === undefined, () => `${what()} during its ${resource.hook}`);
    // A lease is heard of some microtasks after its start.
    const isCondemned = resource.condemned !== undefined && task.kind !== 'lease';
    this.#world.expect(!isCondemned, () => `${what()}, which was ${String(resource.condemned)}`);
    if (resource.users.size > 0) this.#world.meet('tasks shared a resource');
    resource.uses++;
    const maxUses = (config?.maxUses ?? Infinity) + places - 1; // those that run side by side may exceed it
    this.#world.expect(resource.uses <= maxUses, () => `${what()}, its use number ${resource.uses}`);
    if (config?.maxAge !== undefined && places === 1) {
      const age = now - resource.createdAt;
      // One that was never used is not too old for its first task: it may have waited for the end of the start, or of a validation.
      this.#world.expect(age <= config.maxAge || resource.uses === 1, () => `${what()} of age ${age}`);
    }
    if (task.kind !== 'lease') this.#checkStart(task, manager?.stats().state);
    const { key } = task.options;
    if (key !== undefined && task.kind !== 'direct') {
      let running = 1;
      for (const other of this.runs) {
        if (other.task.options.key === key && other.task.kind !== 'direct' && !this.isAbandoned(other)) running++;
      }
      const cap = config?.keyConcurrency ?? Infinity;
      if (running === cap) this.#world.meet('a key was at its cap');
      this.#world.expect(running <= cap, () => `${what()}, number ${running} of its key where ${cap} are allowed`);
    }
    this.rates.started(task);
    if (task.waitsSince < Infinity) this.#world.meet('a refused task ran again');
    task.waitsSince = Infinity;
    task.runs++;
    task.startedAt = now;
    this.#waiting.delete(task);
    this.runs.add(run);
    resource.users.add(run);
    return run;
  }

  runEnded(run: Run): void {
    this.runs.delete(run);
    run.resource.users.delete(run);
    if (run.task.options.key !== undefined) this.#endedAt.set(run.task.options.key, this.#world.now);
  }

  #checkStart(task: TaskTrack, state: string | undefined): void {
    const { config, now, submitting } = this.#world;
    const { label, options, outcome } = task;
    const { queueTimeout = config?.queueTimeout ?? Infinity } = options;
    this.#world.expect(submitting === 0, () => `${label} was started inside a call that submits`);
    this.#world.expect(state !== 'stopped' && state !== 'killed', () => `${label} was started when ${String(state)}`);
    this.#world.expect(outcome === undefined || outcome.state === 'pending', () => `${label} was started when settled`);
    this.#world.expect(now < task.deadlineAt, () => `${label} was started after its deadline`);
    if (task.runs === task.refusals && queueTimeout > 0) {
      this.#world.expect(now <= task.queuedAt + queueTimeout, () => `${label} was started after its queueTimeout`);
    }
    if (task.kind === 'direct') {
      this.#world.expect(task.runs === 0, () => `${label} was run twice by runTask`);
      return;
    }
    this.#world.expect(state !== 'paused', () => `${label} was started while paused`);
    const maxRetries = task.isOnce
      ? 0
      : ((options.retry || undefined)?.maxRetries ?? config?.retry?.maxRetries ?? config?.maxRetries ?? 3);
    const retries = task.isOnce ? task.runs : task.runs - task.refusals;
    this.#world.expect(retries <= maxRetries, () => `${label} was run ${task.runs + 1} times`);
    if (task.kind === 'queued') this.#checkOrder(task);
  }

  /** Nobody who waits was passed over: by priority or, with `aging`, by rank. */
  #checkOrder(task: TaskTrack): void {
    const { config, now } = this.#world;
    const rank = ({ priority, queuedAt }: TaskTrack): number =>
      config?.aging === undefined ? priority : priority + Math.floor((now - queuedAt) / config.aging);
    const own = rank(task);
    for (const other of this.#waiting) {
      if (other.isMoved || other === task || rank(other) <= own) continue;
      const { key, queueTimeout = config?.queueTimeout ?? Infinity } = other.options;
      if (now >= other.deadlineAt || now - other.queuedAt >= queueTimeout) continue;
      if (key !== undefined && config?.keyConcurrency !== undefined) {
        if (this.#endedAt.get(key) === now) continue; // the manager may not know yet
        let running = 0;
        for (const run of this.runs) if (run.task.options.key === key) running++;
        // A lease is heard of some microtasks after its start: one that seems to wait may be held.
        for (const lease of this.tasks) {
          if (lease.kind === 'lease' && lease.runs === 0 && lease.options.key === key) running++;
        }
        if (running >= config.keyConcurrency) continue;
      }
      if (this.#isKeyHeld(other)) continue;
      this.#suspects.push({ task, other, at: now });
    }
    if (config?.aging !== undefined && task.runs === 0 && own > task.priority) this.#world.meet('aging lifted a task');
  }

  /** Whether the time of its key may not have come, for it or for one of its key that comes first. */
  #isKeyHeld({ options: { key } }: TaskTrack): boolean {
    if (key === undefined) return false;
    if ([...this.maps].some((options) => options.key === key)) return true;
    for (const one of this.open) {
      if (one.kind === 'direct' || one.options.key !== key) continue;
      // A lease that seems to wait may be held, as above.
      if (this.rates.opensForKey(one) > this.#world.now || (one.kind === 'lease' && one.runs === 0)) return true;
    }
    return false;
  }

  /** A run was refused: after a pause the task waits in the queue, and what was refused is no attempt. */
  refused(id: string, isPaused: boolean): void {
    const task = this.byId.get(id);
    if (task === undefined || task.isOnce || task.kind === 'direct') return;
    task.refusals++;
    if (isPaused && task.kind === 'queued') task.waitsSince = this.#world.now;
  }

  /** No task waits that could start: for which a resource is free, and that nothing holds back. */
  checkWaiting(state: string): void {
    const { config, now } = this.#world;
    if (!['running', 'draining', 'stopping', 'paused'].includes(state)) return;
    const running = new Set([...this.runs].map(({ task }) => task));
    const waiting = [...this.open].filter((task) => !running.has(task));
    const isOpen = (task: TaskTrack): boolean => this.rates.opensForAll(task) <= now;
    const direct = waiting.filter(({ kind }) => kind === 'direct');
    if (!direct.every(isOpen)) return; // they come first
    const meant = this.present('temporary'); // their resources are being made
    const spare = this.#free('pool');
    if (spare !== undefined && direct.length > meant) {
      this.#world.fail(`${direct[0]?.label} waits for runTask, though ${text(spare)} is free`);
    }
    const free = this.#free('worker');
    const isLimited = this.rates.isRestricted && this.runs.size > 0;
    if (state === 'paused' || free === undefined || isLimited) return;
    const queued = waiting.filter(({ kind }) => kind !== 'direct');
    const maps = [...this.maps].map(
      (options) => ({ options, priority: options.priority ?? 0, kind: 'map' }) as TaskTrack,
    );
    const maybe = [...queued, ...maps]; // among them those that a backoff holds back
    const isBehind = ({ priority }: TaskTrack, other: TaskTrack): boolean =>
      config?.aging !== undefined || other.priority >= priority;
    for (const task of queued) {
      if (task.runs > 0 && task.waitsSince > now) continue;
      const { key } = task.options;
      const ahead = maybe.filter((other) => isBehind(task, other));
      if (!ahead.every(isOpen)) continue;
      const ofKey = ahead.filter((other) => key !== undefined && other.options.key === key);
      if (!ofKey.every((other) => this.rates.opensForKey(other) <= now)) continue;
      let ofItsKey = 0;
      for (const run of this.runs) if (key !== undefined && run.task.options.key === key) ofItsKey++;
      if (ofItsKey >= (config?.keyConcurrency ?? Infinity)) continue;
      this.#world.fail(`${task.label} waits, though ${text(free)} is free`);
    }
  }

  /** A resource that could take a task; none while another one is validated, on which a task counts. */
  #free(group: Group): ChaosResource | undefined {
    const alive = this.resources.filter(({ kind, state }) => groupOf(kind) === group && state === 'alive');
    if (alive.some(({ hook }) => hook === 'validate')) return undefined;
    return alive.find(({ users, hook, condemned, context }) => {
      return users.size === 0 && hook === undefined && condemned === undefined && !context.signal.aborted;
    });
  }

  /** After promises have settled: those who were passed over and had not left by then were wronged. */
  confirm(): void {
    for (const { task, other, at } of this.#suspects) {
      const { outcome } = other;
      if (outcome !== undefined && outcome.state !== 'pending' && outcome.settledAt === at) continue;
      this.#world.fail(
        `at ${at}: ${task.label} (${task.priority}) was started before ${other.label} (${other.priority})`,
      );
    }
    this.#suspects = [];
    for (const { outcome, label, why, at } of this.#ending.splice(0)) {
      const isOver = outcome === undefined || (outcome.state !== 'pending' && outcome.settledAt <= at);
      this.#world.expect(isOver, () => `${label} did not end at once, at ${at}, though ${why}`);
    }
  }

  /** Whether a task may have ended so. */
  isExpected(task: TaskTrack, outcome: Tracked): boolean {
    const { config } = this.#world;
    const { options, kind } = task;
    if (outcome.state === 'fulfilled') return kind === 'lease' || task.values.has(outcome.value);
    const error = outcome.value;
    if (task.errors.has(error) || task.reasons.has(error)) return true;
    if (options.signal?.aborted === true && error === options.signal.reason) return true;
    if (task.reasons.has('AbortError') && (error as Error | undefined)?.name === 'AbortError') return true;
    if (!isTaskerError(error)) return false;
    const { timeout = config?.timeout, queueTimeout = config?.queueTimeout } = options;
    const isBounded = config?.maxQueueSize !== undefined && kind !== 'direct' && task.runs === 0;
    const expected: Record<TaskerErrorCode, () => boolean> = {
      STOPPED: () => task.isTooLate || task.isWhileDraining || this.#world.hasStartFailed || this.#world.isStartAborted,
      KILLED: () => this.#world.isKilled,
      RETRIES_EXHAUSTED: () => !task.isOnce && kind !== 'direct' && task.errors.has(error.cause),
      CREATE_FAILED: () => task.runs === 0 || kind === 'queued',
      TIMEOUT: () => timeout !== undefined && outcome.settledAt === task.startedAt + timeout,
      QUEUE_TIMEOUT: () => queueTimeout !== undefined && task.runs === task.refusals,
      DEADLINE: () => options.deadline !== undefined,
      QUEUE_FULL: () => isBounded,
      DROPPED: () =>
        task.reasons.has('clear()') || (isBounded && config.onFull !== undefined && config.onFull !== 'reject'),
      INVALID_CONFIG: () => kind === 'direct' && config?.maxResources !== undefined,
    };
    return expected[error.code]();
  }
}
