import { describe, nearest, timeOf } from './check.ts';
import { TaskerError } from './errors.ts';

/** A rule: its words, and whether a value keeps it. Comparisons are written so that NaN fails them. */
export type Rule = readonly [words: string, holds: (value: unknown) => boolean];

export const isNumber = (value: unknown): value is number => typeof value === 'number';
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
export const hasMethods = (value: unknown, ...names: string[]): boolean =>
  isObject(value) && names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

export const HOOK: Rule = ['a function', (value) => typeof value === 'function'];
export const POSITIVE_INTEGER: Rule = [
  'a positive integer',
  (value) => Number.isSafeInteger(value) && (value as number) > 0,
];
export const COUNT: Rule = ['an integer, 0 or more', (value) => Number.isSafeInteger(value) && (value as number) >= 0];
export const LIMIT: Rule = ['an integer, 0 or more, or Infinity', (value) => value === Infinity || COUNT[1](value)];
export const DURATION: Rule = ['a number of milliseconds, 0 or more', (value) => isNumber(value) && value >= 0];
export const INTERVAL: Rule = [
  'a finite number of milliseconds above 0',
  (value) => isNumber(value) && value > 0 && value < Infinity,
];
export const FINITE: Rule = ['a finite number', (value) => Number.isFinite(value)];
export const RATIO: Rule = ['a finite number, 0 or more', (value) => Number.isFinite(value) && (value as number) >= 0];
export const RATE: Rule = ['a finite number above 0', (value) => Number.isFinite(value) && (value as number) > 0];
export const RATES: Rule = ['{ limit, interval } or a list of those', isObject];
export const BURST: Rule = ['a finite number, 1 or more', (value) => Number.isFinite(value) && (value as number) >= 1];
export const COST: Rule = [
  'a finite number, 0 or more, or an object of those',
  (value) => RATIO[1](value) || (isObject(value) && !Array.isArray(value)),
];
export const STRING: Rule = ['a string', (value) => typeof value === 'string'];
export const UNIT: Rule = [
  'a string, and no name that every object has',
  (value) => typeof value === 'string' && !(value in {}),
];
export const SIGNAL: Rule = [
  'an AbortSignal',
  (value) => hasMethods(value, 'addEventListener', 'removeEventListener') && 'aborted' in (value as object),
];
export const LOGGER: Rule = [
  'an object with debug, info, warn and error methods',
  (value) => hasMethods(value, 'debug', 'info', 'warn', 'error'),
];
export const POSITIVE_LIMIT: Rule = [
  'a positive integer or Infinity',
  (value) => value === Infinity || POSITIVE_INTEGER[1](value),
];
export const PERIOD: Rule = ['a number of milliseconds above 0', (value) => isNumber(value) && value > 0];
export const ON_FULL: Rule = [
  "'reject', 'drop-oldest' or 'drop-lowest'",
  (value) => value === 'reject' || value === 'drop-oldest' || value === 'drop-lowest',
];
export const COLLECTOR: Rule = [
  'an object with recordArrival, recordCompletion, recordFailure, recordRetry and metrics methods',
  (value) =>
    hasMethods(value, 'metrics') &&
    // One that is undefined says that it is not wanted; one that is not there may be a mistake.
    ['recordArrival', 'recordCompletion', 'recordFailure', 'recordRetry'].every(
      (name) =>
        hasMethods(value, name) ||
        (name in (value as object) && (value as Record<string, unknown>)[name] === undefined),
    ),
];
export const CLOCK: Rule = [
  'an object with now, setTimeout and clearTimeout methods',
  (value) => hasMethods(value, 'now', 'setTimeout', 'clearTimeout'),
];
export const SCALING: Rule = [
  "'auto', 'off' or a function",
  (value) => value === 'auto' || value === 'off' || typeof value === 'function',
];
export const OBJECT: Rule = ['an object', isObject];
export const INSTANT: Rule = [
  'a number of milliseconds, 0 or more, or a valid Date',
  (value) => DURATION[1](value) || Number.isFinite(timeOf(value)),
];
export const RETRY: Rule = ['false or an object', (value) => value === false || isObject(value)];
export const BOOLEAN: Rule = ['true or false', (value) => typeof value === 'boolean'];
export const ANY: Rule = ['anything', () => true];

export function invalid(message: string): TaskerError {
  return new TaskerError('INVALID_CONFIG', message);
}

/**
 * Reads each option once, also an inherited one, and checks it: what a getter says the second time changes nothing. Own
 * keys that are no options are mistakes. `prefix` leads to the option in messages, as in `retry.`; `whose` says what has the
 * options, as in ` of threads`.
 */
export function readOptions<O extends object>(
  options: O,
  rules: Record<keyof O & string, Rule>,
  prefix: string,
  whose = '',
): Given<O> {
  const known: Record<string, Rule> = rules;
  for (const key of Object.keys(options)) if (!Object.hasOwn(known, key)) throw unknown(key, known, prefix, whose);
  const given: Record<string, unknown> = {};
  for (const key of Object.keys(known)) {
    const value = (options as Record<string, unknown>)[key];
    if (value === undefined) continue;
    const [words, holds] = known[key] as Rule; // its own key
    if (!holds(value)) throw invalid(`${prefix}${key} must be ${words}, got ${describe(value)}`);
    given[key] = value;
  }
  return given as Given<O>;
}

/** {@link readOptions} of an argument of a call. */
export function readArgument<O extends object>(options: O, rules: Record<keyof O & string, Rule>): Given<O> {
  requireObject(options, 'options');
  return readOptions(options, rules, '');
}

/** Options that were read: what is undefined is absent. */
export type Given<O> = { [K in keyof O]: Exclude<O[K], undefined> };

function unknown(key: string, rules: Record<string, Rule>, prefix: string, whose: string): TaskerError {
  const hint = nearest(key, Object.keys(rules));
  const question = hint === undefined ? '' : `, did you mean ${prefix}${hint}?`;
  return invalid(`${prefix}${key} is not a known option${whose}${question}`);
}

export function requireOptions<K extends string>(
  options: Partial<Record<K, unknown>>,
  keys: readonly K[],
  rules: Record<K, Rule>,
  prefix: string,
): void {
  for (const key of keys) {
    if (options[key] === undefined) throw invalid(`${prefix}${key} must be ${rules[key][0]}, got undefined`);
  }
}

export function requireObject(value: unknown, what: string): asserts value is object {
  if (!isObject(value)) throw invalid(`${what} must be an object, got ${describe(value)}`);
}

/** For what is given a manager: that it has the methods which are called. */
export function requireManager(manager: unknown, ...methods: string[]): void {
  if (!hasMethods(manager, ...methods)) throw invalid(`manager must be a task manager, got ${describe(manager)}`);
}
