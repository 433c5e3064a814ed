import { SpanKind, SpanStatusCode, context, diag, trace } from '@opentelemetry/api';
import type { Attributes, Context, Exception, Span, Tracer } from '@opentelemetry/api';
import type { TaskContext, TaskFunction, TaskInfo, TaskManager, WorkerRef } from '../index.ts';
import { describe, messageOf } from '../primitives/check.ts';
import { adopt, nativeThen, thenOf } from '../primitives/thenable.ts';
import type { Then } from '../primitives/thenable.ts';

type AnyTask = TaskFunction<unknown, unknown>;

/** A task that is recorded and has not ended. */
interface OpenTask {
  readonly info: TaskInfo;
  readonly span: Span;
  /** That of its submitter, with its span. */
  readonly context: Context;
  /** What is to be added to an instant of the manager's clock, to have the date. */
  readonly toDate: number;
  run: OpenRun | undefined;
}

/** The run under way. */
interface OpenRun {
  readonly span: Span;
  readonly toDate: number;
}

/** How a task ended. */
type Outcome = 'completed' | 'failed' | 'cancelled' | 'dropped';

/**
 * The spans of tasks. One of a task begins where it is submitted, and ends with the event that tells how the task ended: every task has
 * one of these events, whatever becomes of its function. What runs on after that is not waited for.
 */
export class Tracing<R> {
  readonly #tracer: Tracer;
  readonly #manager: TaskManager<R>;
  readonly #attributes: Attributes;
  readonly #open = new Map<string, OpenTask>();

  constructor(tracer: Tracer, manager: TaskManager<R>, attributes: Attributes) {
    this.#tracer = tracer;
    this.#manager = manager;
    this.#attributes = attributes;
  }

  start(): void {
    const manager = this.#manager;
    manager.intercept((task, run) => this.#submitted(task, run));
    manager.on('completed', ({ task, finishedAt }) => this.#ended(task, 'completed', finishedAt));
    manager.on('failed', ({ task, error, finishedAt }) => this.#ended(task, 'failed', finishedAt, { error }));
    manager.on('cancelled', ({ task, finishedAt }) => this.#ended(task, 'cancelled', finishedAt));
    manager.on('dropped', ({ task, error }) => this.#ended(task, 'dropped', manager.now(), { error }));
  }

  /** Called where the task is submitted, also one that is refused at once. */
  #submitted(info: TaskInfo, run: AnyTask): AnyTask {
    const now = Date.now(); // as spans of the SDK begin: none before one that was begun earlier
    const toDate = now - this.#manager.now(); // in this order: `queuedAt` may be older, and runs would begin too late
    const parent = context.active();
    const span = this.#begin(info, now, parent);
    const own = trace.setSpan(parent, span);
    if (!span.isRecording()) return (resource, run_) => context.with(own, run, undefined, resource, run_);
    const task: OpenTask = { info, span, context: own, toDate, run: undefined };
    this.#open.set(info.id, task);
    return (resource, context) => this.#run(task, run, resource, context);
  }

  #begin(info: TaskInfo, startTime: number, parent: Context): Span {
    const attributes = this.#attributesOf(info);
    return this.#tracer.startSpan(info.name ?? 'task', { kind: SpanKind.INTERNAL, startTime, attributes }, parent);
  }

  #run(task: OpenTask, run: AnyTask, resource: unknown, taskContext: TaskContext): unknown {
    const own = this.#runBegan(task, taskContext);
    if (own === undefined) return run(resource, taskContext);
    return context.with(trace.setSpan(task.context, own.span), () => {
      let result: unknown;
      let then: Then | undefined;
      try {
        result = run(resource, taskContext);
        then = thenOf(result); // once: a thenable may be another one at the second look
      } catch (error) {
        this.#runEnded(task, own, { error });
        throw error;
      }
      if (then === undefined) {
        this.#runEnded(task, own);
        return result;
      }
      const promise = then === nativeThen ? (result as Promise<unknown>) : adopt(result, then);
      promise.then(
        () => this.#runEnded(task, own),
        (error: unknown) => this.#runEnded(task, own, { error }),
      );
      return promise;
    });
  }

  /**
   * Undefined if the SDK throws: that must not become an error of the task. Nor must what it throws below. Spans of the SDK begin at whole
   * milliseconds: so does this one, or those of the function might begin before it.
   */
  #runBegan(task: OpenTask, { attempt, worker }: TaskContext): OpenRun | undefined {
    try {
      const attributes = { ...this.#attributesOf(task.info), ...attributesOfRun(attempt, worker) };
      const now = this.#manager.now();
      const startTime = Math.floor(task.toDate + now);
      const span = this.#tracer.startSpan('run', { kind: SpanKind.INTERNAL, startTime, attributes }, task.context);
      task.run = { span, toDate: startTime - now };
    } catch (error) {
      diag.error('a span of tasker could not begin', error);
    }
    return task.run;
  }

  /** Does nothing if the task has ended before its function. */
  #runEnded(task: OpenTask, run: OpenRun, failure?: Failure): void {
    if (task.run !== run) return;
    task.run = undefined;
    try {
      if (failure !== undefined) recordFailure(run.span, failure);
      run.span.end(run.toDate + this.#manager.now());
    } catch (error) {
      diag.error('a span of tasker could not end', error);
    }
  }

  #ended(info: TaskInfo, outcome: Outcome, finishedAt: number, failure?: Failure): void {
    const task = this.#open.get(info.id);
    if (task === undefined) return; // not sampled, or accepted before
    this.#open.delete(info.id);
    const { span, run } = task;
    task.run = undefined;
    if (info.attempt > 0) span.setAttributes(attributesOfRun(info.attempt, info.worker));
    for (const ending of run === undefined ? [task] : [run, task]) {
      if (failure !== undefined) recordFailure(ending.span, failure);
      ending.span.setAttribute('tasker.outcome', outcome);
      ending.span.end(ending.toDate + finishedAt);
    }
  }

  #attributesOf({ id, priority, key }: TaskInfo): Attributes {
    const attributes: Attributes = { ...this.#attributes, 'tasker.task.id': id, 'tasker.task.priority': priority };
    if (key !== undefined) attributes['tasker.task.key'] = key;
    return attributes;
  }
}

function attributesOfRun(attempt: number, worker: WorkerRef | undefined): Attributes {
  return {
    'tasker.attempt': attempt,
    ...(worker !== undefined && { 'tasker.worker.id': worker.id, 'tasker.worker.kind': worker.kind }),
  };
}

interface Failure {
  readonly error: unknown;
}

/** Never throws, whatever was thrown. */
function recordFailure(span: Span, { error }: Failure): void {
  const message = messageOf(error);
  const type = typeOf(error);
  span.recordException({ name: type, message, ...stackOf(error) } satisfies Exception);
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Its code, such as `TIMEOUT` or `ECONNRESET`, or else the name of its class. */
function typeOf(error: unknown): string {
  try {
    const { code, name } = error as { code?: unknown; name?: unknown };
    for (const type of [code, name]) if (typeof type === 'string' && type !== '') return type;
    return describe(error);
  } catch {
    return describe(error);
  }
}

function stackOf(error: unknown): { stack?: string } {
  try {
    const stack: unknown = (error as Error).stack;
    return typeof stack === 'string' ? { stack } : {};
  } catch {
    return {};
  }
}
