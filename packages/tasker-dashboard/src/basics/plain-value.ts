/** Bounds of what a page is shown of a value that is not ours. */
const MAX_DEPTH = 4;
const MAX_ENTRIES = 30;
const MAX_TEXT = 500;

/** A value as JSON has it. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/**
 * A copy of any value, such as the `meta` of a task, that JSON can hold and that is never large: texts, lists and depth are cut. It calls
 * no `toJSON`, and survives getters and proxies that throw.
 */
export function plainValue(value: unknown, depth: number = MAX_DEPTH): PlainValue {
  try {
    return copy(value, depth);
  } catch {
    return '[unreadable]';
  }
}

function copy(value: unknown, depth: number): PlainValue {
  switch (typeof value) {
    case 'string':
      return cutText(value, MAX_TEXT);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : copyObject(value, depth);
    case 'function':
      return '[function]';
    default:
      return cutText(String(value), MAX_TEXT); // undefined, a bigint, a symbol
  }
}

function copyObject(value: object, depth: number): PlainValue {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString();
  if (value instanceof Error) return cutText(`${value.name}: ${value.message}`, MAX_TEXT);
  if (depth === 0) return Array.isArray(value) ? '[…]' : '{…}';
  if (Array.isArray(value)) {
    const list = value.slice(0, MAX_ENTRIES).map((item) => plainValue(item, depth - 1));
    return value.length > MAX_ENTRIES ? [...list, `… ${value.length - MAX_ENTRIES} more`] : list;
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const keys = Object.keys(value);
  const entries = keys.slice(0, MAX_ENTRIES).map((key): [string, PlainValue] => {
    return [cutText(key, MAX_TEXT), plainField(value as Record<string, unknown>, key, depth - 1)];
  });
  if (keys.length > MAX_ENTRIES) entries.push(['…', `${keys.length - MAX_ENTRIES} more`]);
  return Object.fromEntries(entries);
}

function plainField(value: Record<string, unknown>, key: string, depth: number): PlainValue {
  try {
    return copy(value[key], depth);
  } catch {
    return '[unreadable]';
  }
}

/** At most so many characters, and no half of one. */
export function cutText(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
