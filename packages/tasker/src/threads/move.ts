/** What to transfer with a value. Shared by all copies of this module in a thread: the module's and the host's may be two. */
interface Moves {
  readonly byValue: WeakMap<object, readonly object[]>;
}

const KEY: unique symbol = Symbol.for('tasker.threads.moves') as never;

const moves: Moves = ((globalThis as { [KEY]?: Moves })[KEY] ??= { byValue: new WeakMap() });

/** The classes that can be transferred and are known by name; those a runtime lacks are skipped. */
const TRANSFERABLE = [
  'ArrayBuffer',
  'MessagePort',
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'ImageBitmap',
];

/**
 * Marks a value to be moved instead of copied when it is next sent: as the result of a function in a thread, an item
 * that a generator yields, or an argument of a call or callback. Returns the value itself, so that a function that uses
 * it stays an ordinary function. A moved value is empty on the sending side.
 *
 * @param transfer what to move: array buffers, message ports, streams. Default: the value if it is one of these or a
 * view of one, and any of these in a plain object or an array.
 * @throws TypeError if nothing to move is given and none is found.
 *
 * @example
 * ```ts
 * import { move } from 'tasker/threads';
 *
 * export function paint(width: number, height: number) {
 *   const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
 *   return move({ width, height, pixels });
 * }
 * ```
 */
export function move<T extends object>(value: T, transfer: readonly object[] = findTransferable(value)): T {
  if (transfer.length === 0) throw new TypeError('move() found nothing in the value that can be transferred');
  moves.byValue.set(value, transfer);
  return value;
}

/** What was said to be moved with a value; said once, for the next sending. */
export function takeMoves(value: unknown): readonly object[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const transfer = moves.byValue.get(value);
  if (transfer !== undefined) moves.byValue.delete(value);
  return transfer;
}

function findTransferable(value: object): readonly object[] {
  const own = transferableOf(value);
  if (own !== undefined) return [own];
  const found = Object.values(value).map(transferableOf);
  return [...new Set(found.filter((each) => each !== undefined))];
}

function transferableOf(value: unknown): object | undefined {
  const object = ArrayBuffer.isView(value) ? value.buffer : value;
  const isTransferable = TRANSFERABLE.some((name) => {
    const known = (globalThis as unknown as Record<string, unknown>)[name];
    return typeof known === 'function' && object instanceof known;
  });
  return isTransferable ? (object as object) : undefined;
}
