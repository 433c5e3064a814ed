import type { StandardSchemaV1 } from '@standard-schema/spec';
import { TaskerError } from 'tasker';
import { DistributedError } from '../basics/distributed-error.ts';
import { hint } from '../basics/hint.ts';
import { isKept } from '../basics/json-value.ts';
import type { DistributedContext } from './task-context.ts';

/**
 * What a task does: with the resource of its worker and the input of its submitter, both of whatever type. It is written as a method so
 * that a function of any input is one.
 */
export type DistributedFunction<R, I> = {
  run(resource: R, input: I, context: DistributedContext): unknown;
}['run'];

/**
 * A task with schemas, of any library that knows Standard Schema (zod, valibot, arktype): both sides check by them. `E` is what it is
 * defined as, from which the compiler infers the schemas, and from them what `run` is given and must return.
 */
export type DistributedTask<R, E = unknown> = {
  readonly [P in keyof E]: P extends 'run' ? unknown : E[P];
} & {
  readonly input?: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  run(
    resource: R,
    input: InputOfRun<SchemaIn<E, 'input'>>,
    context: DistributedContext,
  ): OutputOfRun<SchemaIn<E, 'output'>>;
};

type SchemaIn<E, Side> = Side extends keyof E ? E[Side] : unknown;

/** What `run` gets where `S` is the schema of the input. */
export type InputOfRun<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : unknown;

/** What `run` returns where `S` is the schema of the output. */
export type OutputOfRun<S> = S extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<S> | PromiseLike<StandardSchemaV1.InferInput<S>>
  : unknown;

/** Any task of a definition. */
export type AnyTask<R> = DistributedFunction<R, unknown> | DistributedTask<R>;

/** What {@link defineTasks} returns. Both sides import it. */
export interface TaskDefinition<R, T> {
  readonly names: readonly (keyof T & string)[];
  /** The task of a name. Throws `UNKNOWN_TASK`. */
  task(name: string): NamedTask<R>;
  /** For types only. */
  readonly tasks?: T;
}

/** One task of a definition, in one form. */
export interface NamedTask<R> {
  readonly name: string;
  readonly input: StandardSchemaV1 | undefined;
  readonly output: StandardSchemaV1 | undefined;
  run(resource: R, input: unknown, context: DistributedContext): unknown;
}

type RunOf<E> = E extends { run: infer F } ? F : E;

/** What a submitter passes to a task. */
export type InputOf<E> = E extends { input: infer S extends StandardSchemaV1 }
  ? StandardSchemaV1.InferInput<S>
  : RunOf<E> extends (...args: infer A) => unknown
    ? A extends [unknown, infer I, ...unknown[]]
      ? I
      : undefined
    : never;

/** What a submitter gets back. */
export type ResultOf<E> = E extends { output: infer S extends StandardSchemaV1 }
  ? StandardSchemaV1.InferOutput<S>
  : RunOf<E> extends (...args: never) => infer T
    ? Awaited<T>
    : never;

/**
 * Names the tasks that processes share. `R` is the resource of the workers. A task is a function, or an object with `run` and
 * schemas. Inputs and results are JSON, of 1 MiB at most.
 *
 * @example
 * ```ts
 * import { defineTasks } from 'tasker-distributed';
 *
 * interface Page {
 *   goto(url: string): Promise<{ status: number }>;
 * }
 *
 * export const visits = defineTasks<Page>()({
 *   visit: async (page, { url }: { url: string }, context) => {
 *     context.progress({ step: 'going' });
 *     return { status: (await page.goto(url)).status };
 *   },
 * });
 * ```
 */
export function defineTasks<R = undefined>(): <const T, S extends Record<keyof T, unknown>>(
  // `object` keeps an error where it is, at `run`: what does not fit S would not fit T either.
  tasks: { readonly [K in keyof S]: DistributedFunction<R, unknown> | DistributedTask<R, S[K]> } & (T | object),
) => TaskDefinition<R, T> {
  return (tasks) => new Definition(tasks);
}

class Definition<R, T> implements TaskDefinition<R, T> {
  readonly names: readonly (keyof T & string)[];
  readonly #tasks = new Map<string, NamedTask<R>>();

  constructor(tasks: Record<string, AnyTask<R>>) {
    if (typeof tasks !== 'object' || tasks === null) throw invalid('tasks must be an object');
    for (const [name, task] of Object.entries(tasks)) this.#tasks.set(name, readTask(name, task));
    this.names = [...this.#tasks.keys()] as (keyof T & string)[];
  }

  task(name: string): NamedTask<R> {
    const task = this.#tasks.get(name);
    if (task !== undefined) return task;
    const question = typeof name === 'string' ? hint(name, this.names, JSON.stringify) : '';
    throw new DistributedError('UNKNOWN_TASK', `the definition has no task ${JSON.stringify(name)}${question}`);
  }
}

/** Throws `INVALID_CONFIG` for what {@link defineTasks} has not made, such as the tasks themselves. */
export function requireDefinition(tasks: unknown): void {
  const { names, task } = (tasks ?? {}) as Partial<TaskDefinition<unknown, unknown>>;
  if (!Array.isArray(names) || typeof task !== 'function')
    throw invalid('tasks must be what defineTasks()({ … }) returns');
}

function readTask<R>(name: string, task: AnyTask<R>): NamedTask<R> {
  if (!isKept(name))
    throw invalid(`names of tasks must be without NUL and lone surrogates, got ${JSON.stringify(name)}`);
  if (typeof task === 'function') return { name, input: undefined, output: undefined, run: task };
  if (typeof task !== 'object' || task === null || typeof task.run !== 'function') {
    throw invalid(`tasks.${name} must be a function or an object with a run method`);
  }
  const { input, output } = task;
  for (const [side, schema] of Object.entries({ input, output })) {
    if (schema !== undefined && typeof schema['~standard']?.validate !== 'function') {
      throw invalid(`tasks.${name}.${side} must be a schema with a '~standard' property`);
    }
  }
  return { name, input, output, run: (resource, given, context) => task.run(resource, given, context) };
}

function invalid(message: string): TaskerError {
  return new TaskerError('INVALID_CONFIG', message);
}
