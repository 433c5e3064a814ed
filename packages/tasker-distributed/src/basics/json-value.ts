import { DistributedError } from './distributed-error.ts';

/** Most bytes of an input, a result or a progress, as JSON in UTF-8: 1 MiB. The stores hold each several times, Redis in memory. */
export const MAX_PAYLOAD_BYTES = 1_048_576;

/** What PostgreSQL keeps in no text: NUL, and halves of a character of UTF-16. */
const UNKEPT = /\0|\p{Surrogate}/u;
/** The same, wherever it is. */
const ALL_UNKEPT = new RegExp(UNKEPT, 'gu');

/** Whether every store keeps it as it is. */
export function isKept(text: string): boolean {
  return !UNKEPT.test(text);
}

/** Text as every store keeps it: what one cannot is replaced. For people; what a program reads is checked instead. */
export function keptText(text: string): string {
  return text.replace(ALL_UNKEPT, '\uFFFD');
}

/**
 * A copy of a value as another machine gets it, which whoever has the value cannot change any more. Throws `NOT_JSON` if JSON would change or lose a
 * part of it, or a store cannot keep it, `TOO_LARGE` above {@link MAX_PAYLOAD_BYTES}. `what` names it in the message. A property that is undefined
 * gets lost, and the whole may be.
 */
export function jsonCopy(value: unknown, what: string): unknown {
  if (value === undefined) return undefined;
  let text = '';
  let stranger: string | undefined;
  try {
    text = JSON.stringify(value) ?? '';
    stranger = findStranger(value, '');
  } catch (error) {
    // A circle, a getter that throws, nested too deeply.
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new DistributedError('NOT_JSON', `${what} must be JSON: ${why}`, { cause: error });
  }
  if (stranger !== undefined) throw new DistributedError('NOT_JSON', `${what}${stranger}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PAYLOAD_BYTES) {
    const advice = 'put it where both sides can reach it, and pass its name';
    throw new DistributedError('TOO_LARGE', `${what} must be 1 MiB of JSON at most, got ${bytes} bytes: ${advice}`);
  }
  return JSON.parse(text);
}

/** The path to the first part that JSON has no word for, and what it is. The value is no circle. */
function findStranger(value: unknown, path: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return UNKEPT.test(value) ? `${path} must be text without NUL and lone surrogates` : undefined;
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${path} must be JSON, got ${value}`;
    case 'object':
      return value === null ? undefined : findInObject(value, path);
    default:
      return `${path} must be JSON, got ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  }
}

function findInObject(value: object, path: string): string | undefined {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findStranger(value[i], `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object, of whichever realm.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const name: unknown = value.constructor?.name;
    return `${path} must be JSON, got a ${typeof name === 'string' && name !== '' ? name : 'object of a class'}`;
  }
  for (const [key, part] of Object.entries(value)) {
    if (part === undefined) continue;
    if (UNKEPT.test(key)) return `${path} must have keys without NUL and lone surrogates`;
    const found = findStranger(part, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
