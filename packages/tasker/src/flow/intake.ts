import type { Clock } from '../primitives/clock.ts';
import type { TaskerError } from '../primitives/errors.ts';
import { invalid } from '../primitives/option-rules.ts';
import type { Admission } from '../tasks/admission.ts';
import type { TaskWatch } from '../tasks/task-watch.ts';
import type { TaskExtras, TaskRecord } from '../tasks/task.ts';
import type { Ledger } from '../reports/ledger.ts';
import type { DirectLine } from './direct-line.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Judge } from './judge.ts';
import type { FlowParts } from './parts.ts';

/** Where tasks come in: refuses what may not, makes room in a full queue, and lets the rest to where it waits. */
export class Intake<R> {
  private readonly clock: Clock;
  private readonly door: Door;
  private readonly isBounded: boolean;
  private readonly admission: Admission<R>;
  private readonly watch: TaskWatch<R>;
  private readonly judge: Judge<R>;
  private readonly ledger: Ledger<R>;
  private readonly dispatcher: Dispatcher<R>;
  private readonly line: DirectLine<R>;
  private readonly dispatched: () => void;
  /** A reading of the clock, in which stretch of the dispatcher it was taken, and how many more submissions of it may share it. */
  private sharedInstant: number | undefined = undefined; // no number at first: V8 then hands the reading on as one object
  private sharedIn = 0;
  private shares = 0;

  /** `clock` is the one that was given, which may throw. */
  constructor(
    { watch, ledger, dispatched }: FlowParts<R>,
    clock: Clock,
    door: Door,
    admission: Admission<R>,
    judge: Judge<R>,
    dispatcher: Dispatcher<R>,
    line: DirectLine<R>,
  ) {
    this.clock = clock;
    this.door = door;
    this.isBounded = admission.isBounded;
    this.admission = admission;
    this.watch = watch;
    this.judge = judge;
    this.ledger = ledger;
    this.dispatcher = dispatcher;
    this.line = line;
    this.dispatched = dispatched;
  }

  /**
   * The time of a submission. Throws what the clock throws, and `STOPPED` while no task is accepted.
   *
   * Where q tasks wait, one reading of the clock serves up to q ÷ 128 submissions of one synchronous stretch. If that blocks for
   * d ms meanwhile, all q have waited through it, q·d together, and at most q ÷ 128 stamps are early by at most d: the sum of all waits
   * errs by less than 1/128, .8 %. A start and an end have each a reading of their own.
   */
  now(): number {
    const { dispatcher } = this;
    let now = this.sharedInstant;
    if (now !== undefined && this.shares > 0 && dispatcher.isScheduled && dispatcher.stretch === this.sharedIn) {
      this.shares--;
    } else {
      const { mainSize, prioritySize } = dispatcher.queue;
      this.shares = (mainSize + prioritySize) >> 7;
      now = this.clock.now();
      this.sharedInstant = now;
      this.sharedIn = dispatcher.stretch;
    }
    if (!this.door.isAccepting) throw this.door.stoppedError();
    return now;
  }

  /** Throws `STOPPED` while no task is accepted. */
  assertAccepting(): void {
    if (!this.door.isAccepting) throw this.door.stoppedError();
  }

  /**
   * Takes in a task or lease; settles it at once if there is no room. Throws, with nothing entered, what its signal throws,
   * or `STOPPED` if that has stopped the manager.
   */
  submit(task: TaskRecord<R>): void {
    const { extras } = task;
    if ((extras !== undefined || this.isBounded) && !this.admit(task, extras)) return;
    if (extras?.kind === 'direct') this.line.submit(task);
    else this.dispatcher.submit(task);
    if (this.judge.hasBudget) this.judge.arrived(task);
    this.ledger.accepted(task); // last: a collector may do anything, even kill the manager
  }

  /** Whether a task with options, or for a bounded queue, may come in; if not, it is settled. */
  private admit(task: TaskRecord<R>, extras: TaskExtras | undefined): boolean {
    if (extras?.kind === 'direct' && this.line.unusable !== undefined) throw invalid(this.line.unusable);
    if (extras?.isShared === false) {
      this.watch.enter(task, extras);
      this.assertStillAccepting(task);
    }
    if (extras?.kind === 'direct' || !this.admission.isFull) return true;
    const victim = this.admission.victim(task);
    if (victim === undefined) {
      this.ledger.refused(task, this.admission.fullError(task));
      return false;
    }
    this.dispatcher.queue.remove(victim);
    this.ledger.dropped(victim, this.admission.droppedError(victim));
    this.dispatched();
    this.assertStillAccepting(task);
    return true;
  }

  /** What is not ours, a signal or a collector, was called since the submission began, and may have stopped the manager. */
  private assertStillAccepting(task: TaskRecord<R>): void {
    if (this.door.isAccepting) return;
    task.settle('cancelled');
    if (task.extras !== undefined) this.watch.leave(task, task.extras);
    task.letGo();
    throw this.door.stoppedError();
  }
}

/** Whether tasks are accepted, and why not. */
export interface Door {
  readonly isAccepting: boolean;
  stoppedError(): TaskerError;
}
