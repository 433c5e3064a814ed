import { invalid, isObject, STRING } from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';
import type { Url } from '../primitives/platform.ts';
import type { DataOf, ThreadModule } from './module-types.ts';
import { addressOf, readThreadOptions, readVariables, RULES } from './options.ts';
import type { ThreadOutput } from './options.ts';

/** Options of `processes`. */
export interface ProcessOptions<M = ThreadModule> {
  /** The argument of the module's `onCreate`, cloned for each process. Default: undefined. */
  readonly data?: DataOf<M>;
  /** The `process.title` of the processes, which `ps` and `top` show. Default: that of the runtime. */
  readonly name?: string;
  /**
   * Arguments of the runtime, such as `['--max-old-space-size=512']`, or `['--import', 'tsx']` for a module in
   * TypeScript before Node 22.18. Default: those of this process, except those about its own program or debugger.
   */
  readonly execArgv?: readonly string[];
  /** The `process.env` of the processes. Default: a copy of that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working directory of the processes. Default: that of this process. */
  readonly cwd?: string | Url;
  /**
   * Where the standard output of the processes goes. Default `'inherit'`: where this process prints, without passing
   * through it.
   */
  readonly stdout?: ThreadOutput<M>;
  /** Where the standard error of the processes goes. Default `'inherit'`. */
  readonly stderr?: ThreadOutput<M>;
  /**
   * Longest time that the module's `onDestroy` may take, in ms; then the process is ended. Default 4,000, a little less
   * than the manager's own `destroyTimeout` of 5,000.
   */
  readonly destroyTimeout?: number;
  /**
   * How long a process may keep computing without a pause after one of its calls was aborted, in ms; then it is ended,
   * and its other calls reject with `THREAD_STUCK`, to be retried elsewhere. Matters with `tasksPerWorker` above 1,
   * where the manager itself waits for the other calls, and for calls that were given the task's signal. Default 5,000.
   */
  readonly abortTimeout?: number;
}

/** Options that are checked and have their defaults. */
export interface ResolvedProcessOptions {
  readonly module: string;
  readonly data: unknown;
  readonly name: string | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly cwd: string | Url | undefined;
  readonly stdout: ThreadOutput<never>;
  readonly stderr: ThreadOutput<never>;
  readonly destroyTimeout: number;
  readonly abortTimeout: number;
}

const { resourceLimits: _, ...COMMON_RULES } = RULES;

const PROCESS_RULES: Record<keyof ProcessOptions, Rule> = {
  ...COMMON_RULES,
  env: ['an object of strings: processes share no environment', isObject],
  cwd: ['a path or a URL', (value) => STRING[1](value) || (isObject(value) && STRING[1]((value as Url).href))],
};

/** Checks the arguments of `processes` and fills in the defaults. Throws `INVALID_CONFIG`. */
export function resolveProcessOptions(module: Url | string, options: ProcessOptions): ResolvedProcessOptions {
  if (isObject(options) && (options as { resourceLimits?: unknown }).resourceLimits !== undefined) {
    const remedy = "execArgv, such as ['--max-old-space-size=512']";
    throw invalid(`resourceLimits must not be given for processes, which are limited by ${remedy}`);
  }
  const given = readThreadOptions('processes', options, PROCESS_RULES);
  const {
    data,
    name,
    execArgv,
    env,
    cwd,
    stdout = 'inherit',
    stderr = 'inherit',
    destroyTimeout = 4_000,
    abortTimeout = 5_000,
  } = given;
  return {
    module: addressOf(module),
    data,
    name,
    execArgv,
    env: env && readVariables('processes', env),
    cwd,
    stdout,
    stderr,
    destroyTimeout,
    abortTimeout,
  };
}
