import { plainText } from '../basics/plain-text.ts';
import { excerptOf } from './excerpt.ts';

/** Most characters of a message that are looked at. */
const LENGTH = 1_000;

/**
 * What errors that differ only in their details have in common: the first line of a message, with its numbers, quoted parts,
 * paths, addresses and ids replaced, such as `timeout after <n> ms for <path>`.
 */
export function patternOf(message: string): string {
  const line = plainText(message.slice(0, LENGTH).trim().split('\n', 1)[0] ?? '');
  const pattern = line
    .replace(/(["`])(?:(?!\1).)*\1/g, '$1…$1')
    .replace(/(?<!\w)'[^']*'(?!\w)/g, "'…'")
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()]+/gi, '<url>')
    .replace(/(?:\b[a-z]:)?(?:(?<![\w.~@%+-])[\w.~@%+-]+)?(?:(?<!<)[\\/]+[\w.~@%+=-]+)+[\\/]?/gi, '<path>')
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi, '<id>')
    .replace(/\b\w*\d\w*(?:[.,]\d+)*/g, withoutDetail);
  return excerptOf(pattern);
}

/** A number keeps its unit, and a word the text before its number; anything else is an id. */
function withoutDetail(word: string): string {
  if (/^[\da-f]{8,}$/i.test(word) && /[a-f]/i.test(word)) return '<id>';
  const [match, before = '', unit = ''] = /^([a-z_]*)\d+(?:[.,]\d+)*([a-z]{0,3})$/i.exec(word) ?? [];
  if (match === undefined || (before !== '' && unit !== '')) return '<id>';
  return `${before}<n>${unit}`;
}
