import type { TaskerEvents, TaskInfo, TaskManager } from 'tasker';
import type { ChaosResource } from './resource.ts';
import type { World } from './world.ts';

type TaskEvent = 'queued' | 'started' | 'retried' | 'completed' | 'failed' | 'cancelled' | 'stuck' | 'abandoned';

const TASK_EVENTS: readonly TaskEvent[] = [
  'queued',
  'started',
  'retried',
  'completed',
  'failed',
  'cancelled',
  'stuck',
  'abandoned',
];

const OTHER_EVENTS = [
  'resourceCreated',
  'resourceDestroyed',
  'createFailed',
  'scaled',
  'throttled',
  'paused',
  'resumed',
  'idle',
  'error',
] as const;

const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'dropped']);

/** Listens to everything and checks the order of what is told. */
export class EventBooks {
  /** How often each event was told. */
  readonly counts = new Map<string, number>();
  readonly #world: World;
  readonly #last = new Map<string, string>();
  #isStopped = false;

  constructor(world: World, manager: TaskManager<ChaosResource>) {
    this.#world = world;
    for (const event of TASK_EVENTS) {
      manager.on(event, (payload: { task: TaskInfo; finishedAt?: number }) => {
        this.#told(event, payload.task);
        if (payload.finishedAt !== undefined) this.#checkEnd(payload.task, payload.finishedAt);
      });
    }
    manager.on('dropped', ({ task, error }) => {
      // A task that was refused was never queued; one that was pushed out was.
      const isRefused = (error as { code?: string }).code === 'QUEUE_FULL';
      if (isRefused) this.#last.set(task.id, this.#last.has(task.id) ? 'told of, though refused' : 'queued');
      this.#told('dropped', task);
      this.#count(isRefused ? 'refused' : 'pushed out');
    });
    for (const event of OTHER_EVENTS) {
      manager.on(event, (payload: TaskerEvents[typeof event]) => {
        this.#expectOpen(event);
        this.#count(event);
        this.#world.note(`event ${event}`, event === 'error' || event === 'createFailed' ? payload : '');
        if (event === 'scaled') this.#world.meet(`scaled: ${(payload as TaskerEvents['scaled']).reason}`);
        if (event === 'throttled') this.#throttled(payload as TaskerEvents['throttled']);
        if (event === 'error') this.#world.meet(`error event of ${(payload as TaskerEvents['error']).source}`);
      });
    }
    manager.on('stopped', () => {
      this.#expectOpen('stopped');
      this.#count('stopped');
      this.#isStopped = true;
    });
  }

  count(event: string): number {
    return this.counts.get(event) ?? 0;
  }

  /** Every task that was told of has come to an end. */
  finish(): void {
    for (const [id, last] of this.#last) {
      this.#world.expect(ENDS.has(last), () => `the last event of task ${id} is ${last}`);
    }
    this.#world.expect(this.count('stopped') === 1, () => `there were ${this.count('stopped')} stopped events`);
  }

  #told(event: TaskEvent | 'dropped', task: TaskInfo): void {
    const { id } = task;
    this.#expectOpen(event);
    this.#count(event);
    this.#world.meet(`event ${event}`);
    this.#world.note(`event ${event} of task ${id}`, task.name ?? '');
    const last = this.#last.get(id);
    const isInOrder =
      event === 'queued'
        ? last === undefined
        : event === 'started'
          ? last === 'queued' || last === 'retried'
          : event === 'retried' || event === 'completed'
            ? last === 'started'
            : event === 'stuck' // of leases nothing else is told
              ? last === 'started' || last === undefined
              : event === 'abandoned'
                ? last === undefined || ENDS.has(last)
                : event === 'dropped'
                  ? last === 'queued' || last === 'retried'
                  : last !== undefined && !ENDS.has(last);
    this.#world.expect(isInOrder, () => `task ${id}: ${event} came after ${String(last)}`);
    if (event !== 'stuck' && event !== 'abandoned') this.#last.set(id, event);
  }

  /** A task has ended in this instant, and not before it began. */
  #checkEnd({ id, queuedAt, startedAt = queuedAt }: TaskInfo, finishedAt: number): void {
    const isRight = queuedAt <= startedAt && startedAt <= finishedAt && finishedAt === this.#world.now;
    this.#world.expect(isRight, () => `task ${id} ended at ${finishedAt}, started at ${startedAt}`);
  }

  /** Told once a second at most, and only while something waits. */
  #throttled({ reason, delay, waiting }: TaskerEvents['throttled']): void {
    const { now } = this.#world;
    this.#world.meet(`throttled: ${reason}`);
    this.#world.expect(delay > 0 && waiting > 0, () => `throttled for ${delay} ms, though ${waiting} wait`);
    this.#world.expect(now >= this.#throttledAt + 1_000, () => `throttled was told at ${this.#throttledAt} as well`);
    this.#throttledAt = now;
  }

  #throttledAt = -Infinity;

  #count(event: string): void {
    this.counts.set(event, this.count(event) + 1);
  }

  #expectOpen(event: string): void {
    this.#world.expect(!this.#isStopped, () => `${event} was told after stopped`);
  }
}
