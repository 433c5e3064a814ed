const MAX_TEXT = 40;

/** A value in a few words, for messages: `"abc"`, `NaN`, `[Array(3)]`, `[Function onCreate]`, `[Map]`. Never throws. */
export function describe(value: unknown): string {
  try {
    return print(value);
  } catch {
    return '[unprintable]'; // a proxy or a getter that throws
  }
}

/** What an error says, for the message of another one. Never throws. */
export function messageOf(error: unknown): string {
  try {
    const message: unknown = typeof error === 'object' && error !== null ? (error as Error).message : undefined;
    return typeof message === 'string' && message !== '' ? message : describe(error);
  } catch {
    return describe(error);
  }
}

function print(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(cut(value));
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${cut(String(value))}n`;
    case 'function':
      return typeof value.name === 'string' && value.name !== '' ? `[Function ${cut(value.name)}]` : '[Function]';
    case 'object':
      return value === null ? 'null' : printObject(value);
    default:
      return cut(String(value));
  }
}

function printObject(value: object): string {
  if (Array.isArray(value)) return `[Array(${value.length})]`;
  if (Number.isNaN(timeOf(value))) return '[Invalid Date]';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `[${cut(name)}]` : '[Object]';
}

/** The instant of a `Date`, of whichever realm; undefined if the value is none. */
export function timeOf(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/** Words this different, measured by the longer one, are not the same word mistyped. */
const MAX_DIFFERENCE = 0.4;

/**
 * The known word that was probably meant by `word`, for a hint in a message; undefined if none is close. Case does not
 * count, and a part of four letters or more, from the start of a word on, is close to the whole: `poolSize` to `resourcePoolSize`.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    const distance = editDistance(lower, other);
    const isPart = isPartOf(lower, candidate) || isPartOf(other, word);
    const isClose = isPart || distance <= MAX_DIFFERENCE * Math.max(lower.length, other.length);
    if (isClose && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Whether `part`, in lower case, stands in `whole` from the start of one of its words on. */
function isPartOf(part: string, whole: string): boolean {
  const start = part.length < 4 ? -1 : whole.toLowerCase().indexOf(part);
  return start === 0 || /[A-Z]/.test(whole.charAt(start));
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that make `b` of `a`.
 * Source: optimal string alignment, the restricted form of the Damerau-Levenshtein distance.
 */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? i + j; // from or to nothing
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = (rows[i] = []);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwap ? at(i - 2, j - 2) + 1 : Infinity,
      );
    }
  }
  return at(a.length, b.length);
}
