import { describe } from '../primitives/check.ts';

/** Something thrown, taken apart for the way between two threads: an error, or a value that is none. */
export type Thrown = { readonly error: ErrorParts } | { readonly value: unknown };

/** An error, taken apart. */
export interface ErrorParts {
  /** The nearest built-in class it belongs to. */
  readonly base: string;
  /** Its `name`, or its class if it has no name of its own. */
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: Thrown;
  /** Of an AggregateError. */
  readonly errors?: readonly Thrown[];
  /** Its own fields, `code` among them. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The errors that arrive as instances of their class; any other arrives as the nearest of them, under its own name. */
const BUILT_IN: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

/** Deeper chains of causes are cut: a chain may be a circle. */
const MAX_DEPTH = 16;

/** The class of errors that Node 20 throws itself; they go by the name of the built-in class that they extend. */
const NODE_ERROR = 'NodeError';

/** Carried by parts of their own, even where they are enumerable. */
const STANDARD: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause']);

/** Takes apart what was thrown. Fields are passed on as they are, and may turn out not to be cloneable: see {@link simplify}. */
export function encodeThrown(thrown: unknown, depth = 0): Thrown {
  try {
    return isError(thrown) ? { error: encodeError(thrown, depth) } : { value: thrown };
  } catch {
    return { error: { base: 'Error', name: 'Error', message: `an error that cannot be read: ${describe(thrown)}` } };
  }
}

/** Replaces whatever cannot be cloned by words for it. */
export function simplify(thrown: Thrown): Thrown {
  if (!('error' in thrown)) return { value: cloneableOrWords(thrown.value) };
  const { fields, cause, errors, ...rest } = thrown.error;
  return {
    error: {
      ...rest,
      ...(cause !== undefined && { cause: simplify(cause) }),
      ...(errors !== undefined && { errors: errors.map(simplify) }),
      ...(fields !== undefined && {
        fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, cloneableOrWords(value)])),
      }),
    },
  };
}

/** Puts together again what was thrown in another thread. */
export function decodeThrown(thrown: Thrown): unknown {
  return 'error' in thrown ? decodeError(thrown.error) : thrown.value;
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function encodeError(error: Error, depth: number): ErrorParts {
  const base = baseOf(error);
  const fields = fieldsOf(error);
  const isCut = depth >= MAX_DEPTH;
  return {
    base,
    name: asText(nameOf(error, base)),
    message: asText(error.message),
    ...(typeof error.stack === 'string' && { stack: error.stack }),
    ...(Object.hasOwn(error, 'cause') && !isCut && { cause: encodeThrown(error.cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      !isCut && { errors: error.errors.map((each: unknown) => encodeThrown(each, depth + 1)) }),
    ...(fields !== undefined && { fields }),
  };
}

/** Of a property that is said to be a text, and may have been made anything. */
function asText(value: unknown): string {
  return String(value);
}

function baseOf(error: Error): string {
  if (typeof DOMException === 'function' && error instanceof DOMException) return 'DOMException';
  if (error instanceof AggregateError) return 'AggregateError';
  for (let step: unknown = Object.getPrototypeOf(error); step !== null; step = Object.getPrototypeOf(step)) {
    const name: unknown = (step as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === 'string' && Object.hasOwn(BUILT_IN, name)) return name;
  }
  return 'Error';
}

/** A class that gave itself no name goes by that of the class. */
function nameOf(error: Error, base: string): string {
  const className: unknown = error.constructor?.name;
  const isUnnamed = error.name === base && typeof className === 'string' && className !== '';
  return isUnnamed && className !== NODE_ERROR ? className : error.name;
}

function fieldsOf(error: Error): Record<string, unknown> | undefined {
  let fields: Record<string, unknown> | undefined;
  for (const key of Object.keys(error)) {
    if (STANDARD.has(key)) continue;
    const value = (error as unknown as Record<string, unknown>)[key];
    fields = { ...fields, [key]: value };
  }
  return fields;
}

function cloneableOrWords(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return describe(value);
  }
}

function decodeError(parts: ErrorParts): Error {
  const error = construct(parts);
  if (error.name !== parts.name) hide(error, 'name', parts.name);
  if (parts.stack !== undefined) hide(error, 'stack', parts.stack);
  if (parts.cause !== undefined) hide(error, 'cause', decodeThrown(parts.cause));
  for (const [key, value] of Object.entries(parts.fields ?? {})) {
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true });
  }
  return error;
}

function construct({ base, name, message, errors }: ErrorParts): Error {
  if (base === 'DOMException') return new DOMException(message, name);
  if (base === 'AggregateError') return new AggregateError((errors ?? []).map(decodeThrown), message);
  return new (BUILT_IN[base] ?? Error)(message);
}

/** Sets a property that is not shown among the fields, as those of a native error. */
function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
