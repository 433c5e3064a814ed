import { TaskerError } from 'tasker';
import type { DashboardManager } from '../basics/shown-state.ts';

/** Options of {@link createDashboard}. */
export interface DashboardOptions {
  /** The managers to be shown, by the names that the page shows. */
  readonly managers: Readonly<Record<string, DashboardManager>>;
  /** Whether the page has no actions, and the server refuses them. Default false. */
  readonly readOnly?: boolean | undefined;
  /**
   * Says whether a request may be answered: asked for each, the page and its files included. Whatever is not `true`, or throws, refuses it.
   * Without it everybody is let in who reaches the server by a loopback name such as `localhost`, and nobody else.
   */
  readonly authorize?: ((request: Request) => boolean | Promise<boolean>) | undefined;
  /** The path at which it is mounted, such as `/tasker`. Requests may come with or without it, as routers have it. Default: `/`. */
  readonly basePath?: string | undefined;
  /** How far back the charts go, in milliseconds. Default 900,000: 15 minutes. */
  readonly history?: number | undefined;
}

export interface ResolvedOptions {
  readonly managers: ReadonlyMap<string, DashboardManager>;
  readonly isReadOnly: boolean;
  readonly authorize: ((request: Request) => boolean | Promise<boolean>) | undefined;
  /** Without a slash at its end: empty for the root. */
  readonly basePath: string;
  readonly historyLength: number;
}

const NEEDED = ['now', 'stats', 'metrics', 'inspect', 'limits', 'find', 'on', 'cancel', 'stop'] as const;
const KNOWN: readonly string[] = ['managers', 'readOnly', 'authorize', 'basePath', 'history'];
const QUARTER_HOUR = 900_000;
const DAY = 86_400_000;

/** Checks the options. Throws `INVALID_CONFIG`. */
export function resolveOptions(options: DashboardOptions): ResolvedOptions {
  checkOptions(options, KNOWN);
  const { managers, readOnly = false, authorize, basePath = '/', history = QUARTER_HOUR } = options;
  check(isObject(managers), 'managers must be an object of task managers', managers);
  for (const [name, manager] of Object.entries(managers)) {
    const isManager = isObject(manager) && NEEDED.every((method) => typeof manager[method] === 'function');
    check(isManager, `managers.${name} must be a task manager`, manager);
    check(isPart(name), 'the name of a manager must be one that a URL can hold', name);
  }
  check(typeof readOnly === 'boolean', 'readOnly must be true or false', readOnly);
  check(authorize === undefined || typeof authorize === 'function', 'authorize must be a function', authorize);
  const isPath = typeof basePath === 'string' && /^\/(?!\/)[^?#\s]*$/.test(basePath);
  check(isPath, 'basePath must be a path that begins with /', basePath);
  const isLength = typeof history === 'number' && history > 0 && history <= DAY;
  check(isLength, 'history must be a number of milliseconds above 0, at most a day', history);
  return {
    managers: new Map(Object.entries(managers)),
    isReadOnly: readOnly,
    authorize,
    basePath: new URL(`http://localhost${basePath}`).pathname.replace(/\/+$/, ''), // as requests have it
    historyLength: history,
  };
}

/** That these are options, and none but those. */
export function checkOptions(options: object, known: readonly string[]): void {
  check(isObject(options), 'options must be an object', options);
  for (const name of Object.keys(options)) check(known.includes(name), `there is no option ${name}`);
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A URL has no empty parts, takes `.` and `..` away, and cannot hold half a character. */
const isPart = (name: string): boolean => !/^\.{0,2}$/.test(name) && !/\p{Surrogate}/u.test(name);

/** Throws `INVALID_CONFIG` with what the rule is, and the value. */
export function check(holds: boolean, message: string, ...got: unknown[]): void {
  if (holds) return;
  const shown = got.map(
    (value) =>
      `, got ${typeof value === 'string' ? JSON.stringify(value) : typeof value === 'number' ? value : typeof value}`,
  );
  throw new TaskerError('INVALID_CONFIG', message + shown.join(''));
}
