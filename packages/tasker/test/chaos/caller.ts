import { isTaskerError } from 'tasker';
import type { Lease, ShutdownReport, TaskHandle, TaskManager, TaskMetrics, TaskOptions } from 'tasker';
import type { Books, Run, TaskTrack } from './books.ts';
import { drawMap } from './map.ts';
import type { ChaosResource } from './resource.ts';
import { chaosTask, drawOptions, invalidate } from './tasks.ts';
import { text } from './world.ts';
import type { Tracked, World } from './world.ts';

const METHODS = ['queueTask', 'queueTaskOnce', 'queueTaskWithPriority', 'queueTaskWithPriorityOnce'] as const;

/** A shutdown that was asked for. */
export interface Shutdown {
  readonly how: string;
  readonly promise: Tracked;
  readonly at: number;
}

/** What callers do to a manager, each thing a method. */
export class Caller {
  readonly world: World;
  readonly books: Books;
  readonly manager: TaskManager<ChaosResource>;
  /** The signal of the configuration. */
  readonly stopper: AbortController | undefined;
  readonly shutdowns: Shutdown[] = [];
  /** Set by the first one, unless it was asked for from inside a hook. */
  metricsAtStop: TaskMetrics | undefined = undefined;
  killedAt: number | undefined = undefined;
  /** How often the manager was called back from a hook. */
  disturbances = 0;
  isInside = false;
  readonly #signals: AbortController[];
  readonly #handles: { handle: TaskHandle<unknown>; task: TaskTrack }[] = [];
  /** Leases whose resource has died under them. */
  readonly #warned = new Set<Run>();
  readonly #leases: { lease: Lease<ChaosResource>; run: Run | undefined }[] = [];
  #isMaxGiven: boolean;
  #isShutDown = false;

  constructor(world: World, books: Books, manager: TaskManager<ChaosResource>, stopper: AbortController | undefined) {
    this.world = world;
    this.books = books;
    this.manager = manager;
    this.stopper = stopper;
    this.#signals = [world.controller(), world.controller()];
    this.#isMaxGiven = world.config?.maxWorkerCount !== undefined;
  }

  /** Whether a shutdown was asked for; `stats()` would say the same, but takes longer. */
  get isStopping(): boolean {
    return this.#isShutDown || this.stopper?.signal.aborted === true || this.world.hasStartFailed;
  }

  /** Leases that are held and not given up. */
  get held(): number {
    const { state, leases } = this.manager.stats();
    // A start that fails gives leases up only after a while: of those warned before nothing else tells when.
    if (state === 'killed' || (this.world.isKilled && leases === 0)) this.#giveUpWarned();
    return this.#leases.filter(({ run }) => run !== undefined && this.books.runs.has(run)).length;
  }

  readonly queue = (): void => {
    const method = this.world.random.pick(METHODS);
    const options = this.#options();
    const isPriority = method.startsWith('queueTaskWithPriority');
    const task = this.#taskTrack('queued', options, method.endsWith('Once') || options?.retry === false);
    task.priority = options?.priority ?? (isPriority ? 1 : 0);
    void this.#send(task, method, () => this.manager[method](chaosTask(this.world, this.books, task), options));
  };

  readonly many = (): void => {
    for (let i = this.world.random.int(3, 12); i > 0; i--) this.queue();
  };

  readonly run = (): void => {
    const options = this.#options();
    const task = this.#taskTrack('direct', options, true);
    void this.#send(task, 'runTask', () => this.manager.runTask(chaosTask(this.world, this.books, task), options));
  };

  readonly submit = (): void => {
    const options = this.#options();
    const task = this.#taskTrack('queued', options, options?.retry === false);
    void this.#send(task, 'submit', () => {
      const handle = this.manager.submit(chaosTask(this.world, this.books, task), options);
      this.#handles.push({ handle, task });
      return handle.result;
    });
  };

  /** Nobody looks at the result: the rejection must not be unhandled all the same. */
  readonly submitAndForget = (): void => {
    if (this.isStopping || this.world.config?.maxQueueSize !== undefined) return;
    if (this.manager.stats().state === 'draining') return;
    this.world.meet('a task was cancelled unwatched');
    const handle = this.manager.submit(() => this.world.fail('a cancelled task ran'), {});
    const isOurs = handle.cancel();
    // A hook may have ended the manager inside `submit`, or its start: then the rejection is not the doing of `cancel()`.
    if (!isOurs) handle.result.catch(() => {});
    const isEnded = handle.state === 'cancelled' || (!isOurs && handle.state === 'failed');
    this.world.expect(isEnded, () => `cancel() left it ${handle.state}`);
  };

  readonly cancel = (): void => {
    const one = this.#handles[this.world.random.int(0, this.#handles.length - 1)];
    if (one === undefined) return;
    const { handle, task } = one;
    const { state } = handle;
    const reason = this.world.random.maybe(0.6, () => new Error(`${task.label} was cancelled`));
    task.reasons.add(reason ?? 'AbortError');
    this.world.note(`cancels ${task.label}, which is ${state}`);
    const isById = this.world.random.chance(0.3);
    const isCancelled = isById ? this.manager.cancel(handle.id, reason) : handle.cancel(reason);
    if (isById && isCancelled) this.world.meet('a task was cancelled by its id');
    const wasOpen = state === 'queued' || state === 'running' || state === 'retrying';
    this.world.expect(isCancelled === wasOpen, () => `cancel() of a task that is ${state} said ${isCancelled}`);
    this.world.meet(`a task was cancelled: ${state}`);
    if (isCancelled) this.books.expectEnd([task], 'it was cancelled');
  };

  readonly clear = (): void => {
    const { manager, world, books } = this;
    const { random } = world;
    const key = random.maybe(0.5, () => random.pick(['a', 'b', 'c']));
    const meant = [...books.open].filter(({ options }) => key === undefined || options.key === key);
    for (const task of meant) task.reasons.add('clear()');
    world.note(`clears ${key ?? 'all'}`);
    const { disturbances } = this;
    const cleared = manager.clear(key === undefined ? {} : { key });
    world.meet(`clear() ${cleared > 0 ? 'of some' : 'of none'}`);
    if (this.disturbances > disturbances) return;
    const waiting = manager.inspect().keys.find((one) => one.key === key)?.waiting ?? 0;
    const { queuedTasks, priorityTasks } = manager.stats();
    const left = key === undefined ? queuedTasks + priorityTasks : waiting;
    world.expect(left === 0, () => `${left} wait after clear(${key ?? ''})`);
  };

  /** The state of a handle fits what became of its result. */
  checkHandles(): void {
    for (const { handle, task } of this.#handles) {
      const { outcome } = task;
      const states = {
        pending: ['queued', 'running', 'retrying'],
        fulfilled: ['completed'],
        rejected: ['failed', 'cancelled'],
      }[outcome?.state ?? 'pending'];
      this.world.expect(
        states.includes(handle.state),
        () => `${task.label} ${String(outcome?.state)}: ${handle.state}`,
      );
    }
  }

  readonly prioritize = (): void => {
    const one = this.#handles[this.world.random.int(0, this.#handles.length - 1)];
    if (one === undefined) return;
    const { handle, task } = one;
    const priority = this.world.random.pick([-2, 0, 1, 3]);
    if (handle.state === 'queued' || handle.state === 'retrying') {
      if (handle.priority !== priority) task.isMoved = true;
      task.priority = priority;
      this.world.meet(`a priority was changed: ${handle.state}`);
    }
    this.world.note(`moves ${task.label}, which is ${handle.state}, to priority ${priority}`);
    handle.priority = priority;
    void handle.id;
  };

  readonly lease = (): void => {
    const drawn = this.#options() ?? {};
    const options: TaskOptions = {
      ...(drawn.name !== undefined && { name: drawn.name }),
      ...(drawn.signal !== undefined && { signal: drawn.signal }),
      ...(drawn.priority !== undefined && { priority: drawn.priority }),
      ...(drawn.queueTimeout !== undefined && { queueTimeout: drawn.queueTimeout }),
      ...(drawn.key !== undefined && { key: drawn.key }),
    };
    const task = this.#taskTrack('lease', options, true);
    this.#send(task, 'lease', () => this.manager.lease(options)).then(
      (value) => this.#leased(task, value as Lease<ChaosResource>),
      () => {},
    );
  };

  #leased(task: TaskTrack, lease: Lease<ChaosResource>): void {
    if (isTaskerError(lease.signal.reason, 'KILLED')) {
      this.#leases.push({ lease, run: undefined });
      return;
    }
    const run = this.books.runBegan(task, lease.resource);
    this.#leases.push({ lease, run });
    if (lease.signal.aborted) this.#warned.add(run);
    lease.signal.addEventListener('abort', () => {
      const isGivenUp = isTaskerError(lease.signal.reason, 'KILLED');
      this.world.meet(isGivenUp ? 'a lease was given up' : 'a lease was told that its resource has died');
      if (isGivenUp) this.books.runEnded(run);
      else this.#warned.add(run);
    });
    this.world.meet('a lease was held');
  }

  /** Those that were told of a death are told of nothing more: a signal aborts once. */
  #giveUpWarned(): void {
    for (const run of this.#warned) if (this.books.runs.has(run)) this.books.runEnded(run);
    this.#warned.clear();
  }

  readonly release = (): void => {
    const index = this.world.random.int(0, this.#leases.length - 1);
    const one = this.#leases[index];
    if (one === undefined) return;
    if (this.world.random.chance(0.8)) this.#leases.splice(index, 1);
    this.#release(one);
  };

  #release({ lease, run }: { lease: Lease<ChaosResource>; run: Run | undefined }): void {
    const isHeld = run !== undefined && this.books.runs.has(run);
    this.world.meet(isHeld ? 'a lease was released' : 'a lease was released late');
    const how = this.world.random.pick(['release', 'release', 'fail', 'destroy', 'leave'] as const);
    if (isHeld) {
      this.books.runEnded(run);
      if (how === 'destroy') run.resource.condemn('destroyed by its lease holder');
      if (how === 'leave' && this.world.config?.onRelease === undefined)
        run.resource.condemn('left by its lease holder');
      const isFound = this.manager.leaseOf(lease.resource) !== undefined || this.world.isKilled;
      this.world.expect(isFound, () => `leaseOf(${text(lease.resource)}) finds no lease`);
    }
    this.world.note(`${how} of a lease`);
    const ends = {
      release: () => lease.release(),
      fail: () => lease.release(new Error('failed in the hands of its holder')),
      destroy: () => lease.destroy('bad'),
      leave: () => lease[Symbol.asyncDispose](),
    };
    this.world.meet(`end of a lease: ${how}`);
    this.world.track(ends[how](), `${how} of a lease`);
    const isStillFound = this.manager.leaseOf(lease.resource) === lease;
    this.world.expect(!isStillFound, () => `leaseOf(${text(lease.resource)}) finds a lease that is over`);
  }

  releaseAll(): void {
    for (const one of this.#leases.splice(0)) this.#release(one);
  }

  readonly map = (): void => drawMap(this);

  readonly abort = (): void => {
    const { random, controllers } = this.world;
    const controller = random.chance(0.5) ? random.pick(this.#signals) : random.pick(controllers);
    if (controller === this.stopper || controller.signal.aborted) return;
    this.world.meet(this.#signals.includes(controller) ? 'a shared signal was aborted' : 'an own signal was aborted');
    this.world.note('aborts a signal');
    controller.abort(random.pick([new Error('aborted'), undefined, 'a string']));
    const index = this.#signals.indexOf(controller);
    if (index >= 0 && random.chance(0.7)) this.#signals[index] = this.world.controller();
    const { signal } = controller;
    const waiting = [...this.books.open].filter(({ options }) => options.signal === signal);
    this.books.expectEnd(waiting, 'its signal was aborted');
    const left = this.world.listeners(signal);
    this.world.expect(left === 0, () => `${left} listeners were left on a signal that was aborted`);
  };

  readonly die = (): void => {
    const resource = this.#anyResource();
    if (resource === undefined) return;
    const how = resource.state !== 'alive' ? 'late' : resource.users.size > 0 ? 'busy' : 'idle';
    this.world.meet(`a resource died ${how}`);
    this.world.note(`${text(resource)} dies`);
    resource.condemn('invalidated');
    resource.context.invalidate('dead');
  };

  readonly invalidateLate = (): void => {
    const resource = this.#anyResource();
    const context = resource?.contexts.at(-1);
    if (resource !== undefined && context !== undefined) invalidate(this.world, resource, context);
  };

  #anyResource(): ChaosResource | undefined {
    const { resources } = this.books;
    // Mostly one of the latest, which live.
    const from = this.world.random.chance(0.8) ? Math.max(0, resources.length - 6) : 0;
    return resources[this.world.random.int(from, resources.length - 1)];
  }

  readonly pause = (): void => {
    this.world.meet(this.isStopping ? 'pause() while stopping' : 'pause()');
    this.world.note('pauses');
    this.manager.pause();
  };

  readonly drain = (): void => {
    const { manager, world } = this;
    const { state } = manager.stats();
    world.meet(`drain() while ${state}`);
    world.note('drains');
    const promise = manager.drain();
    world.track(promise, 'drain()');
    promise.catch((error: unknown) => {
      world.expect((error as Error).name === 'AbortError', () => `drain() rejected with ${text(error)}`);
    });
    const isDraining = manager.stats().state === 'draining';
    world.expect(isDraining || this.isStopping, () => `drain() left it ${manager.stats().state}`);
    if (world.random.chance(0.8)) world.later(world.random.int(0, 100), () => this.resume()); // else whoever resumes
  };

  readonly resume = (): void => {
    const { state } = this.manager.stats();
    this.world.meet(state === 'draining' ? 'resume() of a drain' : 'resume()');
    this.world.note('resumes');
    this.manager.resume();
    const isOpen = this.isStopping || ['starting', 'running'].includes(this.manager.stats().state);
    this.world.expect(isOpen, () => `resume() left it ${this.manager.stats().state}`);
  };

  readonly resize = (): void => {
    const { random } = this.world;
    const size: { workerCount?: number; maxWorkerCount?: number; resourcePoolSize?: number } = {};
    if (random.chance(0.6)) size.workerCount = random.int(1, 4);
    if (random.chance(0.4)) size.maxWorkerCount = random.int(1, 6);
    if (random.chance(0.4)) size.resourcePoolSize = random.int(0, 3);
    const before = this.books.sizes;
    const isMaxGiven = this.#isMaxGiven;
    this.#isMaxGiven ||= size.maxWorkerCount !== undefined;
    const workers = size.workerCount ?? before.workers;
    const max = size.maxWorkerCount ?? (this.#isMaxGiven ? before.max : workers * 2);
    this.books.sizes = { workers, max, pool: size.resourcePoolSize ?? before.pool };
    this.world.note('resizes', size);
    try {
      this.manager.resize(size);
      this.world.meet('resize()');
    } catch (error) {
      this.world.meet('resize() was refused');
      this.world.expect(
        isTaskerError(error, 'INVALID_CONFIG') || (isTaskerError(error, 'STOPPED') && this.isStopping),
        () => `resize() threw ${text(error)}`,
      );
      this.books.sizes = before;
      this.#isMaxGiven = isMaxGiven;
    }
  };

  #recycled(last: number): void {
    this.world.meet('recycle() was done');
    for (const resource of this.books.resources) {
      if (resource.begun <= last && resource.kind !== 'temporary') resource.condemn('recycled');
    }
  }

  readonly recycle = (): void => {
    const last = this.books.creations;
    this.world.note('recycles');
    const recycling = this.manager.recycle(this.world.random.chance(0.5) ? {} : { reason: 'chaos' });
    const tracked = this.world.track(recycling, 'recycle()');
    recycling.then(
      () => {
        if (!this.isStopping) this.#recycled(last);
        return undefined;
      },
      () => this.world.expect(isTaskerError(tracked.value, 'STOPPED'), () => `recycle(): ${text(tracked.value)}`),
    );
  };

  readonly evict = (): void => {
    const alive = this.books.resources.filter(({ state }) => state === 'alive').length;
    const evicted = this.manager.evict(this.world.random.chance(0.5) ? {} : { keep: this.world.random.int(0, 2) });
    this.world.meet(evicted > 0 ? 'evict() let resources go' : 'evict() found none');
    this.world.expect(evicted <= alive, () => `evict() let ${evicted} of ${alive} resources go`);
  };

  readonly wait = (): void => {
    const { random } = this.world;
    if (random.chance(0.5)) {
      this.world.meet('onIdle()');
      this.world.track(this.manager.onIdle(), 'onIdle()');
    } else {
      this.world.meet('onSizeLessThan()');
      const { queuedTasks, priorityTasks } = this.manager.stats();
      this.world.track(this.manager.onSizeLessThan(random.int(1, 5 + queuedTasks + priorityTasks)), 'onSizeLessThan()');
    }
  };

  readonly look = (): void => {
    const { world, manager } = this;
    const { workers, leases, state } = manager.inspect();
    const stats = manager.stats();
    world.expect(leases.length === stats.leases, () => `inspect() shows ${leases.length} leases, not ${stats.leases}`);
    world.expect(state === stats.state, () => `inspect() shows ${state}, stats() ${stats.state}`);
    world.expect(workers.length <= this.books.creations, () => `inspect() shows ${workers.length} workers`);
    void manager.metrics();
  };

  /** Calls that make no sense are refused and change nothing. */
  readonly blunder = (): void => {
    const { manager, world } = this;
    const refused = (promise: Promise<unknown>): void => {
      const tracked = world.track(promise, 'a blunder');
      promise.then(
        () => world.fail('a blunder was accepted'),
        () => world.expect(isTaskerError(tracked.value, 'INVALID_CONFIG'), () => `a blunder: ${text(tracked.value)}`),
      );
    };
    refused(manager.queueTask('no task' as never));
    refused(manager.runTask(() => {}, { timeout: Number.NaN }));
    refused(manager.lease({ queueTimeout: -1 }));
    refused(manager.onSizeLessThan(0));
    refused(manager.stop({ timeout: -1 }));
    refused(manager.submit({} as never).result);
    refused(manager.map('ab', 1 as never).next());
  };

  readonly stop = (): void => this.#shutDown('stop()', () => this.manager.stop());

  readonly stopInTime = (): void => {
    const timeout = this.world.random.pick([0, 10, 100]);
    this.#shutDown('stop(timeout)', () => this.manager.stop({ timeout }));
  };

  readonly kill = (): void => {
    this.killedAt ??= this.world.now;
    const wasStopped = this.manager.stats().state === 'stopped';
    this.#shutDown('kill()', () => this.manager.kill(this.world.random.maybe(0.5, () => new Error('killed'))));
    if (wasStopped) return;
    this.books.expectEnd([...this.books.open], 'the manager was killed');
  };

  readonly dispose = (): void => {
    this.world.meet('asyncDispose');
    const wasOver = ['stopped', 'killed'].includes(this.manager.stats().state);
    this.#remember();
    this.#isShutDown = true;
    this.world.wasShutDown ||= !this.world.hasStartFailed;
    const disposed = this.world.track(this.manager[Symbol.asyncDispose](), 'asyncDispose');
    if (!wasOver && this.shutdowns.length === 0) {
      this.shutdowns.push({ how: 'asyncDispose', promise: disposed, at: this.world.now });
    }
  };

  readonly abortStopper = (): void => {
    if (this.stopper === undefined || this.stopper.signal.aborted) return;
    this.world.meet('config.signal was aborted');
    this.world.note('aborts config.signal');
    this.#remember();
    this.world.wasShutDown ||= !this.world.hasStartFailed;
    this.world.isStartAborted = this.world.start?.state === 'pending'; // a drain may hide it in stats()
    this.stopper.abort(new Error('enough'));
    this.world.expect(
      this.isStopping,
      () => `the state is ${this.manager.stats().state} after config.signal was aborted`,
    );
  };

  #remember(): void {
    if (!this.isStopping && !this.isInside) this.metricsAtStop = this.manager.metrics();
  }

  #shutDown(how: string, call: () => Promise<ShutdownReport>): void {
    const { state } = this.manager.stats();
    this.world.meet(this.isStopping ? `${how} while ${state}` : how);
    this.world.note(`calls ${how} while ${state}`);
    this.#remember();
    this.#isShutDown = true;
    this.world.wasShutDown ||= !this.world.hasStartFailed;
    const promise = this.world.track(call(), how);
    this.shutdowns.push({ how, promise, at: this.world.now });
  }

  #options(): TaskOptions | undefined {
    return drawOptions(this.world, this.#signals, `t${this.books.tasks.length}`);
  }

  #taskTrack(kind: TaskTrack['kind'], options: TaskOptions | undefined, isOnce: boolean): TaskTrack {
    return newTrack(this, kind, options, isOnce);
  }

  /** Submits something and watches what becomes of it. */
  #send(task: TaskTrack, how: string, call: () => Promise<unknown>): Promise<unknown> {
    const { world, books } = this;
    const { maxQueueSize = Infinity } = world.config ?? {};
    books.submitted(task);
    world.note(`${how}: ${task.label}`, { ...task.options, ...(task.options.signal !== undefined && { signal: 1 }) });
    const { disturbances } = this;
    const before = maxQueueSize < Infinity ? this.#excess() : { fresh: 0, excess: 0 };
    world.submitting++;
    const promise = call();
    world.submitting--;
    if (maxQueueSize < Infinity && task.kind !== 'direct' && this.disturbances === disturbances) {
      const { excess } = this.#excess();
      const limit = Math.max(maxQueueSize, before.excess);
      world.expect(excess <= limit, () => `${excess} tasks wait beyond the free places where ${limit} may`);
    }
    const outcome = world.track(promise, `${how} ${task.label}`);
    task.outcome = outcome;
    const settled = (): void => {
      if (task.kind === 'lease' && outcome.state === 'rejected') books.rates.maybeStarted(task);
      books.settled(task);
      const { value } = outcome;
      const code = isTaskerError(value) ? value.code : 'its own error';
      world.meet(`${task.kind}: ${outcome.state === 'fulfilled' ? 'fulfilled' : code}`);
      world.expect(books.isExpected(task, outcome), () => `${task.label} ${outcome.state} with ${text(value)}`);
      const isRoomy = code === 'QUEUE_FULL' && before.fresh < maxQueueSize && this.disturbances === disturbances;
      world.expect(!isRoomy, () => `${task.label} was refused although only ${before.fresh} tasks waited`);
      this.#checkSignal(task);
    };
    promise.then(settled, settled);
    return promise;
  }

  /** The listener on a caller's signal goes with the last task that needs it. */
  #checkSignal({ options: { signal }, label }: TaskTrack): void {
    if (signal === undefined) return;
    const isUsed = this.books.tasks.some(({ options, outcome }) => {
      return options.signal === signal && (outcome === undefined || outcome.state === 'pending');
    });
    const left = this.world.listeners(signal);
    this.world.expect(isUsed || left === 0, () => `${left} listeners were left on the signal of ${label}`);
  }

  /** Fresh tasks that wait, and how many of them are more than there are places, free or to be made; at least so many by what we see. */
  #excess(): { fresh: number; excess: number } {
    const { state, queuedTasks, priorityTasks, retryingTasks } = this.manager.stats();
    const fresh = queuedTasks + priorityTasks - retryingTasks;
    const places = this.world.config?.tasksPerWorker ?? 1;
    let free = 0;
    if (state !== 'paused') {
      const { workers } = this.manager.inspect();
      const { sizes } = this.books;
      const limit = this.world.config?.scaling === 'off' ? sizes.workers : sizes.max;
      // One that could not be made is gone while the logger hears of it.
      const made = workers.filter(({ state: of }) => of !== 'starting' && of !== 'gone').length;
      free += Math.max(0, limit - made) * places;
      for (const worker of workers) if (worker.state === 'live') free += places - worker.tasks.length;
    }
    return { fresh, excess: fresh - free };
  }
}

function remaining(deadline: number | Date = Infinity): number {
  return typeof deadline === 'number' ? deadline : Math.max(0, deadline.getTime() - Date.now());
}

/** The books' entry of something to be submitted. */
export function newTrack(
  { books, world, isStopping }: Caller,
  kind: TaskTrack['kind'],
  options: TaskOptions = {},
  isOnce = false,
): TaskTrack {
  return {
    label: `t${books.tasks.length}`,
    kind,
    options,
    queuedAt: world.now,
    deadlineAt: world.now + remaining(options.deadline),
    isOnce,
    isTooLate: isStopping,
    isWhileDraining: world.manager?.stats().state === 'draining',
    priority: options.priority ?? 0,
    runs: 0,
    refusals: 0,
    waitsSince: Infinity,
    startedAt: -1,
    outcome: undefined,
    errors: new Set(),
    values: new Set(),
    reasons: new Set(),
    isMoved: false,
  };
}
