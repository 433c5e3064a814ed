import { closestMatch } from 'leven';

/** `, did you mean …?` if one of the words may have been meant, else nothing. */
export function hint(word: string, known: readonly string[], quote: (word: string) => string = (word) => word): string {
  const closest = closestMatch(word, [...known], { maxDistance: Math.ceil(word.length / 2) });
  return closest === undefined ? '' : `, did you mean ${quote(closest)}?`;
}
