import { createTaskManager, isTaskerError, startTaskManager } from 'tasker';
import type { ShutdownReport, TaskManager, TaskStats } from 'tasker';
import { Books } from './books.ts';
import { Caller } from './caller.ts';
import { drawPlan, lookingAfterNothing } from './config.ts';
import type { Plan } from './config.ts';
import { EventBooks } from './events.ts';
import { Hooks } from './hooks.ts';
import { Lottery } from './random.ts';
import type { ChaosResource } from './resource.ts';
import { text, World } from './world.ts';
import type { Tracked, WorldOptions } from './world.ts';

/** What a caller may do while the manager works, and how often. */
const ACTION_WEIGHTS = {
  queue: 22,
  many: 8,
  run: 10,
  submit: 8,
  submitAndForget: 2,
  cancel: 5,
  clear: 0.7,
  prioritize: 4,
  lease: 5,
  release: 6,
  map: 3,
  abort: 5,
  die: 4,
  invalidateLate: 2,
  pause: 2,
  drain: 0.7,
  resume: 4,
  resize: 3,
  recycle: 3,
  evict: 2,
  wait: 3,
  look: 2,
  blunder: 1,
  stop: 0.5,
  stopInTime: 0.5,
  kill: 0.5,
  abortStopper: 0.5,
  dispose: 0.2,
};

const ACTIONS = new Lottery(ACTION_WEIGHTS);

/** What may be done from inside a hook, a listener or a task. */
const DISTURBANCES = new Lottery({
  queue: 10,
  run: 5,
  submit: 4,
  cancel: 6,
  clear: 1,
  prioritize: 4,
  lease: 3,
  release: 4,
  abort: 5,
  die: 5,
  invalidateLate: 3,
  pause: 2,
  drain: 0.7,
  resume: 3,
  resize: 3,
  recycle: 2,
  evict: 2,
  wait: 3,
  look: 3,
  stop: 0.7,
  stopInTime: 0.4,
  kill: 0.7,
  abortStopper: 0.5,
  dispose: 0.2,
});

const SHUTDOWNS = new Lottery({ stop: 5, stopInTime: 2, kill: 3, abortStopper: 2, dispose: 1 });

/** How one life went. */
export interface LifeReport {
  readonly seed: number;
  /** Empty if all was well. */
  readonly failures: readonly string[];
  /** What happened, if it was a verbose life. */
  readonly log: readonly string[];
  readonly met: ReadonlySet<string>;
}

export interface LifeOptions extends WorldOptions {
  /** Lets no hook, listener or task do anything to the manager: then it matters little who of one instant comes first. */
  readonly isUndisturbed?: boolean;
  /** Lets the callers do only so many things, to find out which of them matters. */
  readonly maxSteps?: number;
}

/** Runs the life of one manager that the seed stands for. Lives must not overlap: they borrow `Math.random`. */
export async function live(seed: number, options: LifeOptions = {}): Promise<LifeReport> {
  const world = new World(seed, options);
  const borrowed = { random: Math.random, now: Date.now, stackTraceLimit: Error.stackTraceLimit };
  const onUnhandled = (error: unknown): void => world.fail(`unhandled rejection: ${text(error)}`);
  const onUncaught = (error: unknown): void => world.fail(`uncaught exception: ${text(error)}`);
  process.on('unhandledRejection', onUnhandled);
  process.on('uncaughtException', onUncaught);
  Math.random = world.dice.next;
  if (!world.isVerbose) Error.stackTraceLimit = 0; // a fifth faster
  Date.now = () => 1_700_000_000_000 + Math.floor(world.now);
  try {
    const drawn = drawPlan(world.random);
    const plan = world.isBusy ? lookingAfterNothing(drawn) : drawn;
    const reentrance = options.isUndisturbed === true ? 0 : plan.reentrance;
    await new Life(world, { ...plan, reentrance }, options.maxSteps ?? Infinity).run();
  } catch (error) {
    world.fail(`the life itself broke: ${error instanceof Error ? String(error.stack) : text(error)}`);
  } finally {
    await world.clock.advance(0).catch(() => {});
    Math.random = borrowed.random;
    Error.stackTraceLimit = borrowed.stackTraceLimit;
    Date.now = borrowed.now;
    process.off('unhandledRejection', onUnhandled);
    process.off('uncaughtException', onUncaught);
  }
  const { failures, log, met } = world;
  return { seed, failures, log, met };
}

class Life {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #books: Books;
  readonly #hooks: Hooks;
  readonly #maxSteps: number;

  constructor(world: World, plan: Plan, maxSteps: number) {
    this.#world = world;
    this.#plan = plan;
    this.#books = new Books(world);
    this.#hooks = new Hooks(world, this.#books, plan);
    this.#maxSteps = maxSteps;
  }

  async run(): Promise<void> {
    const world = this.#world;
    const { random } = world;
    world.note('plan', this.#plan.options, 'hooks', this.#plan.has, 'moods', this.#plan.moods);
    const stopper = this.#plan.hasSignal ? world.controller() : undefined;
    world.config = this.#hooks.config(stopper?.signal);
    const { workerCount, maxWorkerCount = workerCount * 2, resourcePoolSize = workerCount } = world.config;
    this.#books.sizes = { workers: workerCount, max: maxWorkerCount, pool: resourcePoolSize };
    if (stopper !== undefined && random.chance(0.05)) world.later(random.int(0, 20), () => stopper.abort('too early'));
    if (this.#plan.isEarly) {
      world.meet('a manager was not waited for');
      const manager = startTaskManager(world.config);
      world.start = world.track(manager.ready, 'ready');
      const { caller, events } = this.#connect(manager, stopper);
      await this.#work(caller, events);
      await this.#end();
      return;
    }
    const starting = createTaskManager(world.config);
    const started = world.track(starting, 'createTaskManager()');
    let parts: { caller: Caller; events: EventBooks } | undefined;
    starting.then(
      (manager) => (parts = this.#connect(manager, stopper)),
      () => {},
    );
    // The longest startTimeout is 2 s; what it has left behind is destroyed then.
    for (let i = 0; started.state === 'pending' && i < 250; i++) await world.clock.advance(10);
    if (parts === undefined) this.#neverStarted(started);
    else await this.#work(parts.caller, parts.events);
    await this.#end();
  }

  #neverStarted({ state, value }: Tracked): void {
    const world = this.#world;
    world.meet('the start failed');
    const isExpected = isTaskerError(value, 'CREATE_FAILED') || value === 'too early';
    world.expect(state === 'rejected' && isExpected, () => `the start ${state} with ${text(value)}`);
    world.openGates();
  }

  #connect(
    manager: TaskManager<ChaosResource>,
    stopper: AbortController | undefined,
  ): { caller: Caller; events: EventBooks } {
    const world = this.#world;
    world.manager = manager;
    const events = new EventBooks(world, manager);
    const caller = new Caller(world, this.#books, manager, stopper);
    if (this.#plan.has.listener) {
      for (const event of ['queued', 'started', 'completed', 'failed', 'resourceDestroyed', 'idle', 'error'] as const) {
        manager.on(event, this.#hooks.listener);
      }
    }
    this.#allowDisturbance(caller);
    return { caller, events };
  }

  async #work(caller: Caller, events: EventBooks): Promise<void> {
    const { random, isBusy } = this.#world;
    const steps = Math.min(this.#plan.steps, this.#maxSteps);
    for (let step = 0; step < steps; step++) {
      for (let i = random.chance(0.3) ? random.int(2, 4) : 1; i > 0; i--) this.#act(caller, ACTIONS.draw(random));
      if (isBusy) caller.many();
      const longest = isBusy ? 4 : 40;
      await this.#pass(caller, events, random.chance(0.3) ? 0 : random.int(0, random.chance(0.1) ? 400 : longest));
    }
    if (!caller.isStopping && random.chance(0.4)) await this.#recover(caller, events);
    await this.#shutDown(caller, events);
    await this.#afterwards(caller);
    events.finish();
  }

  #act(caller: Caller, what: keyof typeof ACTION_WEIGHTS): void {
    if (caller.manager.stats().throttledTasks > 0) this.#world.meet(`while tasks waited for their time: ${what}`);
    caller[what]();
  }

  #allowDisturbance(caller: Caller): void {
    const { random } = this.#world;
    const luck = this.#world.luckOf('disturbances');
    this.#world.onDisturb = () => {
      if (caller.isInside || caller.disturbances >= 20 || this.#world.isCalm) return;
      if (this.#plan.reentrance === 0 || !luck.chance(this.#plan.reentrance)) return;
      caller.isInside = true;
      caller.disturbances++;
      const { submitting } = this.#world;
      const what = DISTURBANCES.draw(random);
      this.#world.meet(`from inside: ${what}`);
      this.#world.note(`from inside: ${what}`);
      caller[what]();
      this.#world.submitting = submitting;
      caller.isInside = false;
    };
  }

  /** Lets time pass and then compares what the manager says with the books. */
  async #pass(caller: Caller, events: EventBooks, ms: number): Promise<void> {
    await this.#world.clock.advance(ms);
    this.#books.confirm();
    this.#compare(caller, events);
  }

  #compare(caller: Caller, events: EventBooks): void {
    const { manager, held } = caller;
    const world = this.#world;
    const { runs, sizes } = this.#books;
    const stats = manager.stats();
    const isStopping = ['stopping', 'stopped', 'killed'].includes(stats.state);
    if (world.hasStartFailed) world.meet('a manager that was not waited for could not start');
    world.expect(caller.isStopping === isStopping, () => `the state is ${stats.state}`);
    for (const [name, value] of Object.entries(stats)) {
      if (name !== 'state') world.expect(Number.isInteger(value) && value >= 0, () => `${name} is ${text(value)}`);
    }
    world.expect(stats.leases === held, () => `stats() shows ${stats.leases} leases, but ${held} are held`);
    let running = 0;
    let mapped = 0;
    for (const { task } of runs) {
      if (task.kind === 'map') mapped++;
      else if (task.kind !== 'lease' && task.outcome?.state === 'pending') running++;
    }
    const { runningTasks } = stats;
    const isRight = runningTasks >= running && runningTasks <= running + mapped;
    world.expect(
      isRight,
      () => `stats() shows ${runningTasks} running tasks, but ${running} to ${running + mapped} run`,
    );
    caller.checkHandles();
    this.#books.checkClocks();
    this.#books.checkWaiting(stats.state);
    this.#compareThrottled(stats);
    world.expect(stats.availableResources <= sizes.pool, () => `${stats.availableResources} resources are free`);
    caller.isInside = true; // a collector must not disturb now
    this.#compareMetrics(manager, events);
    caller.isInside = false;
  }

  #compareThrottled({ throttledTasks, queuedTasks, priorityTasks }: TaskStats): void {
    const world = this.#world;
    let waiting = queuedTasks + priorityTasks;
    for (const { kind, runs } of this.#books.open) if (kind === 'direct' && runs === 0) waiting++;
    world.expect(throttledTasks <= waiting, () => `${throttledTasks} of ${waiting} waiting tasks are throttled`);
    if (throttledTasks > 0) world.meet('tasks waited for their time');
  }

  #compareMetrics(manager: TaskManager<ChaosResource>, events: EventBooks): void {
    const world = this.#world;
    const metrics = this.#metrics(manager);
    if (world.isVerbose) world.note(manager.stats(), manager.inspect(), metrics);
    const told: readonly [string, number, number][] = [
      ['totalTasksArrived', metrics.totalTasksArrived, events.count('queued')],
      ['totalTasksCompleted', metrics.totalTasksCompleted, events.count('completed')],
      ['totalTasksFailed', metrics.totalTasksFailed, events.count('failed')],
      ['totalTasksCancelled', metrics.totalTasksCancelled, events.count('cancelled') + events.count('pushed out')],
      ['totalTasksRetried', metrics.totalTasksRetried, events.count('retried')],
      ['totalResourcesCreated', metrics.totalResourcesCreated, this.#books.resources.length],
    ];
    for (const [name, counted, expected] of told) {
      world.expect(counted === expected, () => `${name} is ${counted}, but the events say ${expected}`);
    }
  }

  /** What the collector knows, even if its `metrics()` misbehaves. */
  #metrics(manager: TaskManager<ChaosResource>): ReturnType<TaskManager<ChaosResource>['metrics']> {
    const metrics = manager.metrics();
    if (!this.#plan.has.collector) return metrics;
    const { totalTasksCancelled, totalResourcesCreated, totalResourcesDestroyed, totalCreateFailures } = metrics;
    return {
      ...this.#hooks.collector.metrics(),
      totalTasksCancelled,
      totalResourcesCreated,
      totalResourcesDestroyed,
      totalCreateFailures,
    };
  }

  /** Once everything works again, all that waits is done and every worker comes back, without anyone asking. */
  async #recover(caller: Caller, events: EventBooks): Promise<void> {
    const world = this.#world;
    const { manager } = caller;
    world.note('--- calm');
    world.isCalm = true;
    manager.resume();
    world.openGates();
    let last = '';
    for (let i = 0; i < 60; i++) {
      caller.releaseAll();
      await this.#pass(caller, events, i < 10 ? 20 : i < 30 ? 200 : 5_000);
      last = this.#whatLacks(caller);
      if (caller.isStopping) return; // `config.signal` was aborted early, but not early enough for the start
      if (last === '') break;
    }
    world.meet('a manager was left to recover');
    world.expect(last === '', () => `the manager has not recovered: ${last}`);
    world.isCalm = world.random.chance(0.5);
  }

  #whatLacks({ manager }: Caller): string {
    const { workers, pool, max } = this.#books.sizes;
    const stats = manager.stats();
    const lacks: string[] = [];
    const open = this.#world.promises.filter(({ state }) => state === 'pending').map(({ label }) => label);
    if (open.length > 0) lacks.push(`unsettled: ${open.join(', ')}`);
    const live = manager.inspect().workers.filter((worker) => worker.state === 'live').length;
    const { lazy = false } = this.#plan.options;
    if (live < workers && !lazy) lacks.push(`${live} of ${workers} workers live`);
    if (stats.activeWorkers + stats.startingWorkers > max)
      lacks.push(`${stats.activeWorkers} workers of at most ${max}`);
    if (stats.availableResources !== pool && !lazy)
      lacks.push(`${stats.availableResources} of ${pool} pooled resources`);
    if (stats.runningTasks + stats.queuedTasks + stats.priorityTasks > 0) lacks.push(`open tasks: ${text(stats)}`);
    if (stats.quarantinedWorkers > 0) lacks.push(`${stats.quarantinedWorkers} quarantined`);
    return lacks.join('; ');
  }

  async #shutDown(caller: Caller, events: EventBooks): Promise<void> {
    const world = this.#world;
    const { random } = world;
    const { manager } = caller;
    world.note('--- shutdown');
    const isOver = (): boolean => events.count('stopped') > 0;
    for (let i = 0; !caller.isStopping; i++) {
      if (i < 5) caller[SHUTDOWNS.draw(random)]();
      else caller.stop();
    }
    for (let i = random.int(0, 4); i > 0; i--) {
      await this.#pass(caller, events, random.int(0, 30));
      caller[random.chance(0.25) ? SHUTDOWNS.draw(random) : ACTIONS.draw(random)]();
    }
    for (let i = 0; i < 10 && !isOver(); i++) await this.#pass(caller, events, 50);
    if (!isOver() && random.chance(0.3)) caller.kill();
    else if (!isOver()) world.openGates();
    for (let i = 0; i < 60 && !isOver(); i++) {
      caller.releaseAll();
      await this.#pass(caller, events, i < 10 ? 50 : i < 30 ? 500 : 10_000);
    }
    world.expect(isOver(), () => `the shutdown did not end: ${text(manager.stats())}, ${text(manager.inspect())}`);
    if (isOver()) this.#checkShutdown(caller);
  }

  #checkShutdown(caller: Caller): void {
    const world = this.#world;
    const { manager, shutdowns, killedAt, metricsAtStop } = caller;
    const destroyTimeout = this.#plan.options.destroyTimeout ?? 5_000;
    const report = shutdowns.find(({ promise }) => promise.state === 'fulfilled' && promise.value !== undefined);
    if (report === undefined) return;
    const { completed, failed, dropped, abandoned, durationMs } = report.promise.value as ShutdownReport;
    if (dropped.length > 0) world.meet('a shutdown dropped tasks');
    if (abandoned.length > 0) world.meet('a shutdown abandoned tasks');
    world.expect(durationMs >= 0, () => `durationMs is ${durationMs}`);
    const ids = new Set(dropped.map(({ id }) => id));
    world.expect(ids.size === dropped.length, () => 'a task was reported as dropped twice');
    const given = new Set(abandoned.map(({ id }) => id));
    world.expect(given.size === abandoned.length, () => 'a task was reported as abandoned twice');
    if (killedAt !== undefined) {
      const late = report.promise.settledAt - (killedAt + destroyTimeout);
      world.expect(late <= 0, () => `kill() took ${late} ms longer than destroyTimeout`);
    }
    if (metricsAtStop === undefined || this.#plan.has.collector || this.#plan.reentrance > 0) return;
    const metrics = manager.metrics();
    const really = {
      completed: metrics.totalTasksCompleted - metricsAtStop.totalTasksCompleted,
      failed: metrics.totalTasksFailed - metricsAtStop.totalTasksFailed,
    };
    const isRight = completed === really.completed && failed === really.failed;
    world.expect(isRight, () => `the report says ${completed} and ${failed}, but it were ${text(really)}`);
  }

  /** What comes too late changes nothing. */
  async #afterwards(caller: Caller): Promise<void> {
    const world = this.#world;
    const { manager } = caller;
    const isDestroying = this.#books.resources.some(({ state }) => state === 'destroying');
    const { armed, origins } = world.managerClock;
    world.expect(
      armed === 0 || isDestroying,
      () => `${armed} timers of the manager are armed after the shutdown ${origins}`,
    );
    const { state, ...numbers } = manager.stats();
    const { workers, pool } = manager.inspect();
    const isEmpty = Object.values(numbers).every((value) => value === 0) && workers.length + pool.length === 0;
    world.expect(isEmpty, () => `stats() after the shutdown: ${text(numbers)}, ${text(manager.inspect())}`);
    world.expect(state === 'stopped' || state === 'killed', () => `the state after the shutdown is ${state}`);
    for (const { label, outcome } of this.#books.tasks) {
      world.expect(outcome?.state !== 'pending', () => `${label} is unsettled after the shutdown`);
    }
    if (world.random.chance(0.5)) {
      for (let i = 0; i < 3; i++) caller[ACTIONS.draw(world.random)]();
      caller.queue();
      caller.wait();
      caller.dispose();
    }
    caller.releaseAll();
    world.openGates();
    await world.clock.advance(0);
  }

  /** All that is under way ends, and nothing is left. */
  async #end(): Promise<void> {
    const world = this.#world;
    const books = this.#books;
    for (let i = 0; i < 40 && world.clock.pending > 0; i++) await world.clock.advance(i < 20 ? 100 : 10_000);
    await world.clock.advance(0);
    world.expect(
      world.managerClock.armed === 0,
      () => `timers of the manager were left: ${world.managerClock.origins}`,
    );
    world.expect(world.clock.pending === 0, () => `${world.clock.pending} timers were left`);
    for (const { label, state } of world.promises) {
      world.expect(state !== 'pending', () => `${label} was never settled`);
    }
    for (const resource of books.resources) {
      world.expect(resource.state !== 'alive', () => `${text(resource)} was never destroyed`);
    }
    const { length } = books.resources;
    world.expect(books.destructions === length, () => `${books.destructions} destructions of ${length} resources`);
    for (const { signal } of world.controllers) {
      const left = world.listeners(signal);
      world.expect(left === 0, () => `${left} listeners were left on a caller's signal`);
    }
    const { manager } = world;
    if (manager === undefined) return;
    const metrics = this.#metrics(manager);
    const ended = metrics.totalTasksCompleted + metrics.totalTasksFailed + metrics.totalTasksCancelled;
    world.expect(metrics.totalTasksArrived === ended, () => `${metrics.totalTasksArrived} arrived, ${ended} ended`);
    const { totalResourcesCreated: created, totalResourcesDestroyed: destroyed } = metrics;
    world.expect(created === length, () => `the metrics count ${created} of ${length} resources`);
    world.expect(created === destroyed, () => `the metrics count ${created} resources made and ${destroyed} destroyed`);
  }
}
