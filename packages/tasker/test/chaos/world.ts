import { getEventListeners } from 'node:events';
import type { Clock, TaskManager, TaskManagerConfig } from 'tasker';
import { VirtualClock } from 'tasker/testing';
import type { VirtualTimer } from 'tasker/testing';
import type { ChaosResource } from './resource.ts';
import { Random } from './random.ts';

/** The manager's clock: knows which timers are the manager's own. */
export class ManagerClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #armed = new Map<unknown, string | undefined>();
  readonly #isVerbose: boolean;

  constructor(clock: VirtualClock, isVerbose: boolean) {
    this.#clock = clock;
    this.#isVerbose = isVerbose;
  }

  get armed(): number {
    return this.#armed.size;
  }

  /** Where the armed timers were armed, in a verbose life. */
  get origins(): string {
    return [...this.#armed.values()].join('\n');
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(fn: () => void, ms: number): VirtualTimer {
    const timer = this.#clock.setTimeout(() => {
      this.#armed.delete(timer);
      fn();
    }, ms);
    if (ms < Infinity) this.#armed.set(timer, this.#isVerbose ? new Error('armed here').stack : undefined);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#armed.delete(handle);
    this.#clock.clearTimeout(handle);
  }
}

/** A promise that was handed out. */
export interface Tracked {
  readonly label: string;
  state: 'pending' | 'fulfilled' | 'rejected';
  value: unknown;
  settledAt: number;
}

/** How a world differs from what it mostly is. */
export interface WorldOptions {
  readonly isVerbose?: boolean;
  /** Makes tasks many and short, and lets nothing look after resources between them. */
  readonly isBusy?: boolean;
}

/** What one life shares: its clock, its chances, its log and what went wrong in it. */
export class World {
  readonly seed: number;
  readonly isVerbose: boolean;
  /** Whether tasks are many and short. */
  readonly isBusy: boolean;
  readonly clock: VirtualClock = new VirtualClock();
  readonly managerClock: ManagerClock;
  /** For what the callers do. */
  readonly random: Random;
  /** For the library's own use of `Math.random`. */
  readonly dice: Random;
  readonly log: string[] = [];
  readonly failures: string[] = [];
  /** What this life has met, for the statistics. */
  readonly met: Set<string> = new Set();
  readonly promises: Tracked[] = [];
  readonly controllers: AbortController[] = [];
  config: TaskManagerConfig<ChaosResource> | undefined = undefined;
  manager: TaskManager<ChaosResource> | undefined = undefined;
  /** A caller has asked for a shutdown. */
  wasShutDown = false;
  /** The start of a manager that was not waited for. */
  start: Tracked | undefined = undefined;
  /** Its signal was aborted before the manager was up. */
  isStartAborted = false;
  /** Hooks behave from now on. */
  isCalm = false;
  /** How deep we are in calls that submit something: nothing may start inside. */
  submitting = 0;
  /** Does something to the manager from inside a hook, a listener or a task. */
  onDisturb: () => void = () => {};
  #gates: (() => void)[] = [];
  #isOpen = false;
  readonly #fate: number;
  readonly #lucks = new Map<string, Random>();

  constructor(seed: number, { isVerbose = false, isBusy = false }: WorldOptions) {
    this.seed = seed;
    this.isVerbose = isVerbose;
    this.isBusy = isBusy;
    const root = new Random(seed);
    this.random = root.fork();
    this.#fate = Math.floor(root.next() * 2 ** 32);
    this.dice = root.fork();
    this.managerClock = new ManagerClock(this.clock, isVerbose);
  }

  get now(): number {
    return this.clock.now();
  }

  /** Whether a manager that was not waited for could not start. */
  get hasStartFailed(): boolean {
    const state = this.manager?.stats().state;
    return !this.wasShutDown && (state === 'stopping' || state === 'stopped');
  }

  /** Whether running tasks may have been ended. */
  get isKilled(): boolean {
    return this.manager?.stats().state === 'killed' || this.hasStartFailed || this.isStartAborted;
  }

  /** For what a hook or task does: each has numbers of its own, so that it matters to none who of one instant comes first. */
  luckOf(who: string): Random {
    let luck = this.#lucks.get(who);
    if (luck === undefined) {
      let seed = this.#fate;
      for (const letter of who) seed = Math.imul(seed ^ letter.charCodeAt(0), 0x01000193);
      luck = new Random(seed);
      this.#lucks.set(who, luck);
    }
    return luck;
  }

  note(...words: readonly unknown[]): void {
    if (!this.isVerbose) return;
    this.log.push(`${String(Math.round(this.now * 100) / 100).padStart(9)}  ${words.map(text).join(' ')}`);
  }

  meet(situation: string): void {
    this.met.add(situation);
  }

  fail(message: string): void {
    this.note('*** FAILURE:', message);
    if (this.failures.length < 20) this.failures.push(`at ${this.now} ms: ${message}`);
  }

  expect(holds: boolean, message: () => string): void {
    if (!holds) this.fail(message());
  }

  later(ms: number, fn: () => void): void {
    this.clock.setTimeout(fn, ms);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.later(ms, resolve));
  }

  /** Hangs until the end of the life. */
  hang(): Promise<void> {
    return this.#isOpen ? this.sleep(1) : new Promise((resolve) => this.#gates.push(resolve));
  }

  /** Whatever hangs goes on. */
  openGates(): void {
    this.#isOpen = true;
    const gates = this.#gates;
    this.#gates = [];
    for (const open of gates) open();
  }

  /** Watches a promise that the manager has handed out: it has to settle before the life ends. */
  track(promise: PromiseLike<unknown>, label: string): Tracked {
    const tracked: Tracked = { label, state: 'pending', value: undefined, settledAt: -1 };
    this.promises.push(tracked);
    const settle = (state: 'fulfilled' | 'rejected', value: unknown): void => {
      if (tracked.state !== 'pending') this.fail(`${label} settled twice`);
      tracked.state = state;
      tracked.value = value;
      tracked.settledAt = this.now;
      this.note(label, state, state === 'rejected' ? value : '');
    };
    promise.then(
      (value) => settle('fulfilled', value),
      (error: unknown) => settle('rejected', error),
    );
    return tracked;
  }

  controller(): AbortController {
    const controller = new AbortController();
    this.controllers.push(controller);
    return controller;
  }

  listeners(signal: AbortSignal): number {
    return getEventListeners(signal, 'abort').length;
  }
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) {
    const { code } = value as { code?: string };
    return `${code === undefined ? value.name : code}(${value.message})`;
  }
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
