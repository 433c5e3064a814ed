import { InvalidArgumentError } from 'commander';
import type { RateLimit } from 'tasker';
import { parseDuration } from '../basics/duration.ts';
import { parseRate } from '../basics/rate.ts';
import { MAX_SEED } from '../basics/shuffle.ts';

/** Readers of the values of flags. Each throws what commander shows after the name of the flag. */

export const count = (text: string): number =>
  integerBetween(text, 0, Number.MAX_SAFE_INTEGER, 'an integer, 0 or more');

export const positive = (text: string): number =>
  integerBetween(text, 1, Number.MAX_SAFE_INTEGER, 'an integer, 1 or more');

export function integer(text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) : refuse('an integer');
}

/** The seed of a shuffle. */
export const seed = (text: string): number => integerBetween(text, 0, MAX_SEED, `an integer from 0 to ${MAX_SEED}`);

/** A port to listen on; 0 is any that is free. */
export const port = (text: string): number => integerBetween(text, 0, 65_535, 'a port from 0 to 65535');

export function duration(text: string): number {
  return parseDuration(text) ?? refuse('a duration such as 500ms, 30s, 2m or 1h, or a number of seconds');
}

/** One rate, or several that hold at once. */
export function rates(text: string): RateLimit | readonly RateLimit[] {
  const limits = text.split(',').map((part) => parseRate(part) ?? refuse('a rate such as 20/s or 600/min'));
  const [first] = limits;
  return limits.length === 1 && first !== undefined ? first : limits;
}

/** One rate, of a whole number. */
export function wholeRate(text: string): RateLimit {
  const rate = parseRate(text);
  return rate !== undefined && Number.isInteger(rate.limit) ? rate : refuse('a rate such as 20/s or 600/min');
}

export function onOrOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') return refuse('on or off');
  return text === 'on';
}

/** One character; `\t` and `tab` are the one that is hard to type. */
export function delimiter(text: string): string {
  if (text === String.raw`\t` || text === 'tab') return '\t';
  return text.length === 1 ? text : refuse(String.raw`one character, or \t`);
}

function integerBetween(text: string, min: number, max: number, words: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  return number >= min && number <= max ? number : refuse(words);
}

function refuse(words: string): never {
  throw new InvalidArgumentError(`It must be ${words}.`);
}
