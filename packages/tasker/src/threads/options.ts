import { TaskerError } from '../index.ts';
import { describe } from '../primitives/check.ts';
import {
  ANY,
  DURATION,
  OBJECT,
  STRING,
  invalid,
  isObject,
  readOptions,
  requireObject,
} from '../primitives/option-rules.ts';
import type { Given, Rule } from '../primitives/option-rules.ts';
import type { Url } from '../primitives/platform.ts';
import { BUNDLE_REMEDY } from './bundle-remedy.ts';
import type { DataOf, ThreadModule } from './module-types.ts';
import type { Thread } from './thread.ts';

/** Memory limits of a thread, in MB, as in Node. Finite, above 0; default: those of the runtime. */
export interface ThreadLimits {
  /** The heap of long-lived objects. A thread that reaches it ends with `OUT_OF_MEMORY`. */
  readonly maxOldGenerationSizeMb?: number;
  readonly maxYoungGenerationSizeMb?: number;
  readonly codeRangeSizeMb?: number;
  /** Default 4. */
  readonly stackSizeMb?: number;
}

/** Where the output of a thread goes: `'inherit'` prints it here, `'ignore'` drops it, a function gets it in pieces. */
export type ThreadOutput<M> = 'inherit' | 'ignore' | ((chunk: string, thread: Thread<M>) => void);

/**
 * Options of `threads`. Only Node, Bun and Deno know `execArgv`, `env`, `resourceLimits`, `stdout` and `stderr`;
 * elsewhere these are refused when a thread is made.
 */
export interface ThreadOptions<M = ThreadModule> {
  /** The argument of the module's `onCreate`, cloned for each thread. Default: undefined. */
  readonly data?: DataOf<M>;
  /** Name of the threads in a debugger; web workers have none. Default: none. */
  readonly name?: string;
  /**
   * Arguments of the runtime, such as `['--import', 'tsx']` for a module in TypeScript before Node 22.18. (On Node 20 `tsx`
   * does nothing in a thread: import a file of your own that calls `register()` of `tsx/esm/api`.) Default: those of the process.
   */
  readonly execArgv?: readonly string[];
  /**
   * The `process.env` of the threads; `SHARE_ENV` of `node:worker_threads` shares that of the process. Default: a copy
   * of it.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | symbol;
  /** Memory limits of each thread. Default: those of the runtime. */
  readonly resourceLimits?: ThreadLimits;
  /** Where the standard output of the threads goes. Default `'inherit'`. */
  readonly stdout?: ThreadOutput<M>;
  /** Where the standard error of the threads goes. Default `'inherit'`. */
  readonly stderr?: ThreadOutput<M>;
  /**
   * Longest time that the module's `onDestroy` may take, in ms; then the thread is ended. Default 4,500, a little less
   * than the manager's own `destroyTimeout` of 5,000.
   */
  readonly destroyTimeout?: number;
  /**
   * How long a thread may keep computing without a pause after one of its calls was aborted, in ms; then it is ended,
   * and its other calls reject with `THREAD_STUCK`, to be retried elsewhere. Matters with `tasksPerWorker` above 1,
   * where the manager itself waits for the other calls, and for calls that were given the task's signal. Default 5,000.
   */
  readonly abortTimeout?: number;
}

/** A worker made by your code: a `Worker` of `node:worker_threads`, or a web worker. */
export interface ThreadWorker {
  // Optional, as in the types of Node, whose `Worker` would not be one otherwise.
  postMessage(message: unknown, transfer?: readonly object[]): void;
  terminate(): unknown;
}

/**
 * The code of the threads: the address of a module, or a function that makes a worker from a file that calls `serve()`.
 */
export type ThreadSource = Url | string | (() => ThreadWorker);

/** Options that are checked and have their defaults. */
export interface ResolvedThreadOptions {
  /** The address of the module, or words for it where `worker` makes the thread. */
  readonly module: string;
  readonly worker: (() => ThreadWorker) | undefined;
  readonly data: unknown;
  readonly name: string | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>> | symbol | undefined;
  readonly resourceLimits: ThreadLimits | undefined;
  readonly stdout: ThreadOutput<never>;
  readonly stderr: ThreadOutput<never>;
  readonly destroyTimeout: number;
  readonly abortTimeout: number;
  /** Names of given options that only threads of Node know. */
  readonly nodeOnly: readonly string[];
}

const isString = (value: unknown): boolean => typeof value === 'string';

const STRINGS: Rule = ['an array of strings', (value) => Array.isArray(value) && value.every(isString)];
const OUTPUT: Rule = [
  "'inherit', 'ignore' or a function",
  (value) => value === 'inherit' || value === 'ignore' || typeof value === 'function',
];
const MEGABYTES: Rule = [
  'a finite number of megabytes above 0',
  (value) => typeof value === 'number' && value > 0 && value < Infinity,
];

export const RULES: Record<keyof ThreadOptions, Rule> = {
  data: ANY,
  name: STRING,
  execArgv: STRINGS,
  env: ['an object of strings, or SHARE_ENV', (value) => isObject(value) || isShareEnv(value)],
  resourceLimits: OBJECT,
  stdout: OUTPUT,
  stderr: OUTPUT,
  destroyTimeout: DURATION,
  abortTimeout: DURATION,
};

const LIMIT_RULES: Record<keyof ThreadLimits, Rule> = {
  maxOldGenerationSizeMb: MEGABYTES,
  maxYoungGenerationSizeMb: MEGABYTES,
  codeRangeSizeMb: MEGABYTES,
  stackSizeMb: MEGABYTES,
};

/** `SHARE_ENV` of `node:worker_threads`. */
function isShareEnv(value: unknown): value is symbol {
  return value === Symbol.for('nodejs.worker_threads.SHARE_ENV');
}

/** What only whoever makes the worker can say. */
const OF_THE_WORKER = ['name', 'execArgv', 'env', 'resourceLimits'] as const;

const NODE_ONLY = ['execArgv', 'env', 'resourceLimits', 'stdout', 'stderr'] as const;

/** Checks the arguments of `threads` and fills in the defaults. Throws `INVALID_CONFIG`. */
export function resolveOptions(source: ThreadSource, options: ThreadOptions): ResolvedThreadOptions {
  const given = readThreadOptions('threads', options, RULES);
  const worker = typeof source === 'function' ? source : undefined;
  const alien = worker && OF_THE_WORKER.find((key) => given[key] !== undefined);
  if (alien !== undefined)
    throw invalid(`${alien} must be given to the Worker that the function makes, not to threads`);
  const {
    data,
    name,
    execArgv,
    env,
    resourceLimits,
    stdout = 'inherit',
    stderr = 'inherit',
    destroyTimeout = 4_500,
    abortTimeout = 5_000,
  } = given;
  return {
    module: typeof source === 'function' ? 'the module given to serve()' : addressOf(source),
    worker,
    data,
    name,
    execArgv,
    env: isObject(env) ? readVariables('threads', env) : env,
    resourceLimits: resourceLimits && readThreadOptions('threads', resourceLimits, LIMIT_RULES, 'resourceLimits.'),
    stdout,
    stderr,
    destroyTimeout,
    abortTimeout,
    nodeOnly: NODE_ONLY.filter((key) => given[key] !== undefined),
  };
}

/** A module in TypeScript is a video to some bundlers, by its extension; they neither compile nor bundle it. */
function checkedAddress(address: string): string {
  if (!address.startsWith('data:video/')) return address;
  const what = 'the bundler has made a data: URL of a TypeScript file, without compiling it';
  throw invalid(`module must be an address that can be loaded, but ${what}: ${BUNDLE_REMEDY}`);
}

/** An environment, read once, without what is undefined, which some runtimes would make the text "undefined". */
export function readVariables(
  maker: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const rules = Object.fromEntries(Object.keys(env).map((key) => [key, STRING]));
  return readThreadOptions(maker, env, rules, 'env.') as Record<string, string>;
}

/** The address of a module. Throws `INVALID_CONFIG`. */
export function addressOf(module: unknown): string {
  try {
    if (typeof module === 'string' || module instanceof URL) return checkedAddress(new URL(module).href);
  } catch (error) {
    if (error instanceof TaskerError) throw error;
    // not an address
  }
  throw invalid(`module must be a URL, such as new URL('./heavy.js', import.meta.url), got ${describe(module)}`);
}

/** The options of `maker`, the function that has got them, read once. Throws `INVALID_CONFIG`. */
export function readThreadOptions<O extends object>(
  maker: string,
  options: O,
  rules: Record<keyof O & string, Rule>,
  prefix = '',
): Given<O> {
  requireObject(options, 'options');
  return readOptions(options, rules, prefix, ` of ${maker}`);
}
