import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Text from outside on one line, without anything that a terminal would obey or that would turn its order round. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
}

const GRAPHEMES = new Intl.Segmenter();

/** Text in so many columns of a terminal: what is too long ends with `…`. */
export function cutText(text: string, columns: number): string {
  if (text.length <= columns && stringWidth(text) <= columns) return text;
  let left = columns - 1;
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    left -= stringWidth(segment);
    if (left < 0) return `${kept}…`;
    kept += segment;
  }
  return kept;
}
