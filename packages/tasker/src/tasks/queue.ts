import type { RateLimit } from '../primitives/gcra.ts';
import { AgedOrder } from './aged-order.ts';
import { Ages } from './ages.ts';
import { DropOrder } from './drop-order.ts';
import { KeyGates } from './keys.ts';
import type { KeyGate } from './keys.ts';
import { Lane } from './lane.ts';
import type { StartOrder } from './lane.ts';
import { StrictOrder } from './strict-order.ts';
import type { TaskRecord } from './task.ts';

/** How many lanes of tasks without a key are kept, empty or not, for the next task of their priority. */
const KEPT_LANES = 64;

/** Options of a {@link WorkQueue}. */
export interface WorkQueueOptions {
  /** At most this many running tasks of one key; may be Infinity. */
  readonly keyConcurrency: number;
  /** Rates of the starts of each key; absent or none where there is no limit. */
  readonly keyRate?: readonly RateLimit[];
  /** Whether keys may be paused. */
  readonly pausesKeys?: boolean;
  /** A task counts one priority higher for every `aging` ms that it has waited; Infinity = never. */
  readonly aging: number;
  /** Which end {@link WorkQueue.lowest} tells of; absent if nobody asks. */
  readonly dropped?: 'oldest' | 'newest' | undefined;
  /** Whether {@link WorkQueue.oldest} will be asked. Known from the start it costs nothing to find out later. */
  readonly isMeasured?: boolean;
}

/** The waiting tasks of one priority. */
export interface LevelSnapshot {
  readonly priority: number;
  readonly waiting: number;
  /** Milliseconds that the longest-waiting task has waited since its submission, or a retry since its last run. */
  readonly oldestWait: number;
}

/** The waiting and running tasks of one key. */
export interface KeySnapshot {
  readonly key: string;
  readonly waiting: number;
  readonly running: number;
  /**
   * Milliseconds until the next task of the key may start; absent unless `keyRate` or a pause after an overload holds
   * it back.
   */
  readonly opensIn?: number;
}

/**
 * All tasks that wait for a worker, in lanes: those of one priority and key, and beside them the retries of a priority.
 *
 * ```
 *   lanes                                            who is asked
 *   priority 5   –  ▢                                StartOrder   which lane gives the next task
 *   priority 0   –  ▢▢▢▢▢   a  ▢▢   b  ▢▢▢           Ages         since when the longest waiting waits
 *   retries 0    ▢▢                                  DropOrder    who goes when the queue is full
 *
 *   held: retries whose backoff has not passed
 * ```
 *
 * Adding, taking, removing and moving cost O(log lanes), whatever waits; a task of priority 0 without options costs O(1)
 * where nothing else waits. Tasks of priority above 0 are the priority queue, the others the main queue.
 */
export class WorkQueue<R> {
  /** Waiting tasks of priority 0 and below, held retries included. */
  mainSize = 0;
  /** Waiting tasks of a priority above 0, held retries included. */
  prioritySize = 0;
  /** Waiting retries, held ones included. */
  retrySize = 0;
  /** Those that free workers could start now: all but held retries, and tasks of a key that may start no more for now. */
  readySize = 0;
  /** Those that wait for the time of their key. */
  heldSize = 0;
  /** Whether time may hold back tasks of some keys. */
  isTimed: boolean;
  /** Retries whose backoff has not passed. */
  private readonly backingOff = new Set<TaskRecord<R>>();
  /** The lane of most tasks. They come and go without a word to the orders; {@link sync} makes up for it. */
  private readonly main = new Lane<R>(0, false, undefined, undefined);
  /** By priority, and there by name. Invariant: none is empty but the main one and some without a key. */
  private readonly fresh: LaneIndex<R> = new Map([[0, new Map([[undefined as unknown, this.main]])]]);
  private readonly retryLanes: LaneIndex<R> = new Map();
  private readonly gates: KeyGates;
  /** Closed ones whose first task may be another than the one for which they wait. */
  private readonly stale = new Set<KeyGate>();
  private readonly order: StartOrder<R>;
  /** Made when it is needed: nobody asks where the number of workers is fixed. */
  private ages: Ages<R> | undefined = undefined;
  /** Whether the orders know of tasks in the main lane. */
  private isMainListed = false;
  /** Most queues drop nothing. */
  private readonly drops: DropOrder<R> | undefined;
  private readonly isAged: boolean;
  /** Whether keys have a cap or a rate, or may be paused. */
  private readonly isGated: boolean;
  private readonly isRated: boolean;
  private returns = 0;
  /** The lane of the last task without a key: mostly that of the next one, too. */
  private recent: Lane<R> = this.main;

  constructor(options: WorkQueueOptions) {
    const { keyConcurrency, keyRate = [], pausesKeys = false, aging, dropped, isMeasured = false } = options;
    this.isRated = this.isTimed = keyRate.length > 0;
    this.isGated = keyConcurrency < Infinity || this.isRated || pausesKeys;
    this.isAged = aging < Infinity;
    this.gates = new KeyGates(keyConcurrency, keyRate);
    const isOpen = (gate: KeyGate): boolean => this.gates.isOpen(gate);
    this.order = this.isAged ? new AgedOrder(aging, this.isGated, isOpen) : new StrictOrder(this.isGated, isOpen);
    this.drops = dropped && new DropOrder(dropped);
    if (isMeasured) this.measured();
  }

  /** All that wait, held retries included. */
  get size(): number {
    return this.mainSize + this.prioritySize;
  }

  /** Those that have not run yet. */
  get freshSize(): number {
    return this.mainSize + this.prioritySize - this.retrySize;
  }

  /** Adds a waiting task at the end of its priority; a retry ahead of the fresh ones. */
  push(task: TaskRecord<R>): void {
    if (task.extras === undefined) {
      this.mainSize++;
      this.readySize++;
      this.main.tasks.push(task);
      return;
    }
    this.count(task, 1);
    this.enter(task);
  }

  /** Keeps a retry apart while its backoff lasts; it counts as waiting. */
  hold(task: TaskRecord<R>): void {
    this.count(task, 1);
    this.readySize--;
    this.backingOff.add(task);
  }

  /** Its backoff is over: the held retry may be started. */
  unhold(task: TaskRecord<R>): void {
    this.backingOff.delete(task);
    this.readySize++;
    this.enter(task);
  }

  /** Takes the task that comes first if that is one without options, and none of another kind waits; else see {@link shift}. */
  shiftPlain(): TaskRecord<R> | undefined {
    const { tasks } = this.main;
    if (this.mainSize !== tasks.size || this.prioritySize > 0 || tasks.first?.extras !== undefined) return undefined;
    const task = tasks.shift();
    if (task === undefined) return undefined;
    this.mainSize--;
    this.readySize--;
    return task;
  }

  /** The task that comes first of those that may start; closes keys on the way whose time has not come. `now` is the clock's time. */
  firstStartable(now: number): TaskRecord<R> | undefined {
    return this.nextLane(now)?.tasks.first;
  }

  /** Takes the task that comes first of those that may start. `now` is the clock's time. */
  shift(now: number): TaskRecord<R> | undefined {
    const lane = this.nextLane(now);
    const task = lane?.tasks.shift();
    if (lane === undefined || task === undefined) return undefined;
    this.count(task, -1);
    this.order.served(lane);
    if (this.drops !== undefined) this.changed(lane);
    this.left(task, lane, 1);
    return task;
  }

  /** A task that was taken starts: the rate of its key pays for it. */
  started({ key, cost }: TaskRecord<R>, now: number): void {
    if (key === undefined || !this.isRated) return;
    const gate = this.gates.gate(key);
    const next = this.order.firstOf(gate, now)?.tasks.first?.cost;
    this.regate(gate, () => this.gates.started(gate, cost, now, next));
  }

  /** When to look again whether tasks may start that wait for the time of their key, and what they wait for; undefined if none does. */
  get nextOpening(): Pick<KeyGate, 'until' | 'reason'> | undefined {
    return this.gates.next;
  }

  /** No task of that key starts before `until`. */
  pause(key: string, until: number): void {
    const gate = this.gates.gate(key);
    this.regate(gate, () => this.gates.pause(gate, until));
  }

  /** Lets tasks start of keys whose time has come, and forgets keys of which nothing is left. */
  open(now: number): void {
    for (const gate of this.stale) {
      const first = this.order.firstOf(gate, now)?.tasks.first;
      if (first !== undefined) this.gates.hasten(gate, first.cost);
    }
    this.stale.clear();
    for (;;) {
      const { startable } = this.gates;
      const gate = this.gates.open(now);
      this.counted(startable);
      if (gate === undefined) return;
      this.order.gateChanged(gate);
    }
  }

  /** Takes out a task that waits here, before it is settled. */
  remove(task: TaskRecord<R>): void {
    this.count(task, -1);
    if (this.backingOff.delete(task)) {
      this.readySize++;
      return;
    }
    this.sync();
    const lane = this.laneOf(task);
    lane.tasks.remove(task);
    this.changed(lane);
    this.left(task, lane, 0);
  }

  /** Moves a waiting task to the end of another priority. */
  reprioritize(task: TaskRecord<R>, priority: number): void {
    const isHeld = this.backingOff.has(task);
    this.remove(task);
    task.priority = priority;
    if (isHeld) this.hold(task);
    else this.push(task);
  }

  /** A task of that key has ended: whether one more of it may start now that could not before. */
  leave(key: string): boolean {
    const gate = this.countKey(key, 0, -1);
    return gate.waiting > 0 && this.gates.wasFull(gate);
  }

  /** Of the fresh tasks of the lowest priority that has one that at the end which is dropped. */
  lowest(): TaskRecord<R> | undefined {
    this.sync();
    return this.drops?.task;
  }

  /** Since when the task has waited that has waited longest for a worker; Infinity if none waits. */
  oldest(): number {
    return this.measured().oldest();
  }

  /** Every waiting task but the held ones. */
  *ready(): IterableIterator<TaskRecord<R>> {
    for (const lane of lanesOf(this.retryLanes)) yield* lane.tasks;
    for (const lane of lanesOf(this.fresh)) yield* lane.tasks;
  }

  /** Every waiting retry, the held ones last. */
  *retries(): IterableIterator<TaskRecord<R>> {
    for (const lane of lanesOf(this.retryLanes)) yield* lane.tasks;
    yield* this.backingOff;
  }

  /** Every waiting task, the held ones last. */
  *[Symbol.iterator](): IterableIterator<TaskRecord<R>> {
    yield* this.ready();
    yield* this.backingOff;
  }

  /** What waits at each priority, the highest first; held retries are not among it. Looks at all lanes and retries. */
  snapshot(now: number): LevelSnapshot[] {
    const levels = new Map<number, { waiting: number; since: number }>();
    const add = (priority: number, waiting: number, since: number): void => {
      const level = levels.get(priority) ?? { waiting: 0, since: Infinity };
      levels.set(priority, { waiting: level.waiting + waiting, since: Math.min(level.since, since) });
    };
    for (const { priority, tasks } of lanesOf(this.fresh)) {
      if (tasks.first !== undefined) add(priority, tasks.size, tasks.first.queuedAt);
    }
    for (const { priority, tasks } of lanesOf(this.retryLanes)) if (tasks.size > 0) add(priority, tasks.size, Infinity);
    for (const { task, since } of this.measured().strays()) add(task.priority, 0, since);
    return [...levels]
      .map(([priority, { waiting, since }]) => ({ priority, waiting, oldestWait: now - since }))
      .toSorted((a, b) => b.priority - a.priority);
  }

  /** What waits and runs of each key. */
  keys(now: number): KeySnapshot[] {
    const gates = [...this.gates].filter(({ waiting, running }) => waiting > 0 || running > 0);
    return gates.map(({ key, waiting, running, isClosed, until }) => {
      return { key, waiting, running, ...(isClosed && { opensIn: Math.max(0, until - now) }) };
    });
  }

  private enter(task: TaskRecord<R>): void {
    this.sync();
    const { key } = task;
    const gate = key === undefined ? undefined : this.countKey(key, 1, 0);
    const isRetry = task.state === 'retrying';
    if (isRetry && task.extras !== undefined) task.extras.entered = ++this.returns;
    const lane = isRetry ? this.retryLane(task, gate) : this.freshLane(task, gate);
    const { last } = lane.tasks;
    lane.tasks.push(task);
    this.ages?.entered(lane, task, last, this.size);
    if (lane === this.main) this.sync();
    else if (last === undefined || this.drops !== undefined) this.changed(lane);
  }

  private freshLane(task: TaskRecord<R>, gate: KeyGate | undefined): Lane<R> {
    if (gate !== undefined) return this.lane(this.fresh, task.priority, gate.key, gate);
    if (this.recent.priority !== task.priority) {
      this.recent = this.lane(this.fresh, task.priority, undefined, undefined);
    }
    return this.recent;
  }

  private retryLane(task: TaskRecord<R>, gate: KeyGate | undefined): Lane<R> {
    return this.lane(this.retryLanes, task.priority, this.retryName(task), this.isGated ? gate : undefined);
  }

  /** What keeps retries of a priority apart: with aging any may come first, where keys may be held back any of a key that is not. */
  private retryName(task: TaskRecord<R>): unknown {
    if (this.isAged) return task;
    return this.isGated ? task.key : undefined;
  }

  private lane(index: LaneIndex<R>, priority: number, name: unknown, gate: KeyGate | undefined): Lane<R> {
    let lanes = index.get(priority);
    if (lanes === undefined) {
      lanes = new Map();
      index.set(priority, lanes);
    }
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = new Lane(priority, index === this.retryLanes, name, gate);
      lanes.set(name, lane);
    }
    return lane;
  }

  private laneOf(task: TaskRecord<R>): Lane<R> {
    const isRetry = task.state === 'retrying';
    const lanes = (isRetry ? this.retryLanes : this.fresh).get(task.priority);
    const lane = lanes?.get(isRetry ? this.retryName(task) : task.key);
    if (lane === undefined) throw new Error('a task may be taken out only where it waits');
    return lane;
  }

  /** A task was taken out of its lane, to run or not. */
  private left(task: TaskRecord<R>, lane: Lane<R>, running: 1 | 0): void {
    if (lane.tasks.size === 0) this.prune(lane);
    if (this.size === 0) this.ages?.clear();
    const { key } = task;
    if (key !== undefined) this.countKey(key, -1, running);
  }

  /** Forgets a lane that has run dry, unless it is one of a few for tasks without a key. */
  private prune(lane: Lane<R>): void {
    const index = lane.isRetry ? this.retryLanes : this.fresh;
    const isKept = lane.name === undefined && index.size <= KEPT_LANES;
    if (lane === this.main || isKept) return;
    this.ages?.forget(lane);
    const lanes = index.get(lane.priority);
    lanes?.delete(lane.name);
    if (lanes?.size === 0) index.delete(lane.priority);
    if (this.recent === lane) this.recent = this.main;
  }

  private measured(): Ages<R> {
    if (this.ages === undefined) {
      this.ages = new Ages(this.main);
      for (const index of [this.fresh, this.retryLanes]) {
        for (const lane of lanesOf(index)) this.ages.add(lane, this.size);
      }
    }
    return this.ages;
  }

  /** The main lane changes without a word: tells the orders, before they are asked or told anything else. */
  private sync(): void {
    const hasTasks = this.main.tasks.size > 0;
    if (!hasTasks && !this.isMainListed) return;
    this.isMainListed = hasTasks;
    this.changed(this.main);
  }

  /** The lane has another first or last task than before. */
  private changed(lane: Lane<R>): void {
    this.order.changed(lane);
    this.drops?.changed(lane);
    if (lane.gate?.isClosed === true) this.stale.add(lane.gate);
  }

  /** Counts tasks of a key that have begun or ceased to wait or run. */
  private countKey(key: string, waiting: 1 | 0 | -1, running: 1 | 0 | -1): KeyGate {
    const { startable } = this.gates;
    const gate = this.gates.count(key, waiting, running);
    this.readySize -= waiting;
    this.counted(startable);
    if (running !== 0 && this.isGated) this.order.gateChanged(gate);
    return gate;
  }

  /** The lane of the task that comes first; keys whose rate it meets on the way are closed until it lets one start. */
  private nextLane(now: number): Lane<R> | undefined {
    this.sync();
    for (;;) {
      const lane = this.order.next(now);
      if (!this.isGated || lane?.gate === undefined) return lane;
      const { gate, tasks } = lane;
      const cost = tasks.first?.cost ?? 1;
      if (gate.opensAt(cost) <= now) return lane;
      this.regate(gate, () => this.gates.holdBack(gate, cost));
    }
  }

  /** Changes what a key may start. */
  private regate(gate: KeyGate, change: () => void): void {
    const { startable } = this.gates;
    change();
    this.counted(startable);
    this.order.gateChanged(gate);
  }

  /** The gates have changed; `startable` was theirs before. */
  private counted(startable: number): void {
    this.readySize += this.gates.startable - startable;
    this.heldSize = this.gates.held;
    this.isTimed = this.gates.isTimed;
  }

  private count(task: TaskRecord<R>, by: 1 | -1): void {
    if (task.priority > 0) this.prioritySize += by;
    else this.mainSize += by;
    this.readySize += by;
    if (task.state === 'retrying') this.retrySize += by;
  }
}

type LaneIndex<R> = Map<number, Map<unknown, Lane<R>>>;

function* lanesOf<R>(index: LaneIndex<R>): IterableIterator<Lane<R>> {
  for (const lanes of index.values()) yield* lanes.values();
}
