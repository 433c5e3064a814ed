import { QueueKeys } from 'bullmq';
import { TaskerError } from 'tasker';
import { hint } from './hint.ts';
import { isKept } from './json-value.ts';

/** A rule: its words, and whether a value keeps it. Comparisons are written so that NaN fails them. */
export type Rule = readonly [words: string, holds: (value: unknown) => boolean];

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && isKept(value);
/** What PostgreSQL keeps of a text in an index is 2,704 bytes; the name of the queue is a part of it. */
const MAX_KEY_BYTES = 2_000;
const isKey = (value: unknown): value is string => isText(value) && Buffer.byteLength(value) <= MAX_KEY_BYTES;

export const DURATION: Rule = ['a number of milliseconds, 0 or more', (value) => isNumber(value) && value >= 0];
export const PERIOD: Rule = ['a number of milliseconds above 0', (value) => isNumber(value) && value > 0];
export const INTERVAL: Rule = [
  'a finite number of milliseconds above 0',
  (value) => isNumber(value) && value > 0 && value < Infinity,
];
/** Of a timer of Node. */
export const TIMER: Rule = [
  'a number of milliseconds above 0, 2147483647 at most',
  (value) => isNumber(value) && value > 0 && value <= 2_147_483_647,
];
export const DELAY: Rule = [
  'a finite number of milliseconds, 0 or more',
  (value) => isNumber(value) && value >= 0 && value < Infinity,
];
export const INSTANT: Rule = [
  'a number of milliseconds, 0 or more, or a valid Date',
  (value) => DURATION[1](value) || (value instanceof Date && Number.isFinite(value.getTime())),
];
export const COUNT: Rule = ['an integer, 0 or more', (value) => Number.isSafeInteger(value) && (value as number) >= 0];
const POSITIVE_INTEGER: Rule = ['a positive integer', (value) => Number.isSafeInteger(value) && (value as number) > 0];
export const POSITIVE_LIMIT: Rule = [
  'a positive integer or Infinity',
  (value) => value === Infinity || POSITIVE_INTEGER[1](value),
];
export const BOOLEAN: Rule = ['true or false', (value) => typeof value === 'boolean'];
export const ITERABLE: Rule = ['an iterable', (value) => isObject(value) && Symbol.iterator in value];
export const STRING: Rule = ['a string', (value) => typeof value === 'string'];
export const TEXT: Rule = ['a string that is not empty, without NUL and lone surrogates', isText];
export const FUNCTION: Rule = ['a function', (value) => typeof value === 'function'];
export const SIGNAL: Rule = ['an AbortSignal', (value) => value instanceof AbortSignal];
export const FALSE: Rule = ['false', (value) => value === false];
/** Of a queue: it is a part of names that PostgreSQL cuts. */
export const QUEUE_NAME: Rule = [
  '1 to 40 letters, digits, . _ and -',
  (value) => NAME[1](value) && (value as string).length <= 40,
];
/** BullMQ makes keys of it. */
export const NAME: Rule = [
  'a string of letters, digits, . _ and -, 2000 at most',
  (value) => isKey(value) && /^[\w.-]+$/.test(value),
];
/** Of a queue in Redis, where the key of a task is its id: a task that took one of them would replace the queue. */
const KEYS_OF_QUEUE: ReadonlySet<unknown> = new Set(Object.keys(new QueueKeys().getKeys('')));
/** BullMQ has ids of its own, which are numbers. */
export const TASK_ID: Rule = [
  'a string of letters, digits, . _ and -, 2000 at most, no number, and no word of BullMQ such as wait',
  (value) => NAME[1](value) && !/^-?\d+$/.test(value as string) && !KEYS_OF_QUEUE.has(value),
];
export const DEDUPE: Rule = [
  'a string or { key, ttl }, with a key of 2000 bytes at most without NUL and lone surrogates, and ttl a number of milliseconds above 0',
  (value) =>
    isKey(value) ||
    (isObject(value) && isKey(value['key']) && (value['ttl'] === undefined || INTERVAL[1](value['ttl']))),
];
export const RATE: Rule = [
  '{ limit, interval }, with a positive integer and milliseconds above 0',
  (value) => isObject(value) && POSITIVE_INTEGER[1](value['limit']) && INTERVAL[1](value['interval']),
];

export function integerBetween(min: number, max: number): Rule {
  return [
    `an integer from ${min} to ${max}`,
    (value) => Number.isSafeInteger(value) && Math.abs(value as number) <= max,
  ];
}

/** Options that were read: what is undefined is absent. */
export type Given<O> = { readonly [K in keyof O]: Exclude<O[K], undefined> };

/** Reads each option once and checks it; own keys that are no options are mistakes. Throws `INVALID_CONFIG`. */
export function readOptions<O extends object>(options: O | undefined, rules: Record<keyof O & string, Rule>): Given<O> {
  if (options === undefined) return {} as Given<O>;
  if (!isObject(options)) throw invalid(`options must be an object, got ${describe(options)}`);
  const known: Record<string, Rule> = rules;
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(known, key)) continue;
    throw invalid(`${key} is not a known option${hint(key, Object.keys(known))}`);
  }
  const given: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(known)) {
    const value = (options as Record<string, unknown>)[key];
    if (value === undefined) continue;
    requireRule(key, value, rule);
    given[key] = value;
  }
  return given as Given<O>;
}

/** Throws `INVALID_CONFIG` if the value does not keep the rule. */
export function requireRule(key: string, value: unknown, [words, holds]: Rule): void {
  if (!holds(value)) throw invalid(`${key} must be ${words}, got ${describe(value)}`);
}

export function invalid(message: string, cause?: unknown): TaskerError {
  return new TaskerError('INVALID_CONFIG', message, cause === undefined ? {} : { cause });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'object' && value !== null) return `[${value.constructor?.name ?? 'Object'}]`;
  return typeof value === 'function' ? '[Function]' : String(value);
}
