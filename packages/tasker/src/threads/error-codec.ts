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
  /** Those of them that are errors. */
  readonly errorFields?: Readonly<Record<string, Thrown>>;
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

/** Deeper chains of causes are cut, and so is what belongs to more errors than that: errors may know each other in circles. */
const MAX_DEPTH = 16;
const MAX_ERRORS = 100;

/** What one thrown value has been taken apart into so far. */
class Encoding {
  /** The errors on the way from the thrown one to the one at hand: one of them again would be a circle. */
  readonly path: unknown[] = [];
  #errors = 0;

  /** Whether one more error may be taken apart. */
  admits(error: unknown): boolean {
    return this.path.length <= MAX_DEPTH && !this.path.includes(error) && this.#errors++ < MAX_ERRORS;
  }
}

/** The class of errors that Node 20 throws itself; they go by the name of the built-in class that they extend. */
const NODE_ERROR = 'NodeError';

/** Carried by parts of their own, even where they are enumerable. */
const STANDARD: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause']);

/** Takes apart what was thrown. Fields are passed on as they are, and may turn out not to be cloneable: see {@link simplify}. */
export function encodeThrown(thrown: unknown): Thrown {
  return encode(thrown, new Encoding()) ?? { value: undefined };
}

/** Undefined for an error that was met before, or is one too many. */
function encode(thrown: unknown, encoding: Encoding): Thrown | undefined {
  try {
    if (!isError(thrown)) return { value: thrown };
    if (!encoding.admits(thrown)) return undefined;
    encoding.path.push(thrown);
    const error = encodeError(thrown, encoding);
    encoding.path.pop();
    return { error };
  } catch {
    return { error: { base: 'Error', name: 'Error', message: `an error that cannot be read: ${describe(thrown)}` } };
  }
}

/** Replaces whatever cannot be cloned by words for it. */
export function simplify(thrown: Thrown): Thrown {
  if (!('error' in thrown)) return { value: cloneableOrWords(thrown.value) };
  const { fields, errorFields, cause, errors, ...rest } = thrown.error;
  return {
    error: {
      ...rest,
      ...(cause !== undefined && { cause: simplify(cause) }),
      ...(errors !== undefined && { errors: errors.map(simplify) }),
      ...(fields !== undefined && {
        fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, cloneableOrWords(value)])),
      }),
      ...(errorFields !== undefined && {
        errorFields: Object.fromEntries(Object.entries(errorFields).map(([key, value]) => [key, simplify(value)])),
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

/** One part that cannot be read takes no other with it. */
function encodeError(error: Error, encoding: Encoding): ErrorParts {
  const base = read(() => baseOf(error)) ?? 'Error';
  const stack = read(() => error.stack);
  const cause = read(() => (Object.hasOwn(error, 'cause') ? encode(error.cause, encoding) : undefined));
  const errors =
    base === 'AggregateError' ? read(() => encodeAll((error as AggregateError).errors, encoding)) : undefined;
  return {
    base,
    name: read(() => asText(nameOf(error, base))) ?? base,
    message: read(() => asText(error.message)) ?? `an error that cannot be read: ${describe(error)}`,
    ...(typeof stack === 'string' && { stack }),
    ...(cause !== undefined && { cause }),
    ...(errors !== undefined && { errors }),
    ...fieldsOf(error, encoding),
  };
}

function encodeAll(errors: Iterable<unknown>, encoding: Encoding): Thrown[] {
  return [...errors].map((each) => encode(each, encoding)).filter((each) => each !== undefined);
}

function read<T>(getter: () => T): T | undefined {
  try {
    return getter();
  } catch {
    return undefined;
  }
}

/** Of a property that is said to be a text, and may have been made anything. */
function asText(value: unknown): string {
  return String(value);
}

function baseOf(error: Error): string {
  for (let step: unknown = Object.getPrototypeOf(error); step !== null; step = Object.getPrototypeOf(step)) {
    const name: unknown = (step as { constructor?: { name?: unknown } }).constructor?.name;
    if (name === 'DOMException' || name === 'AggregateError') return name;
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

function fieldsOf(error: Error, encoding: Encoding): Pick<ErrorParts, 'fields' | 'errorFields'> {
  let fields: Record<string, unknown> | undefined;
  let errorFields: Record<string, Thrown> | undefined;
  for (const key of Object.keys(error)) {
    if (STANDARD.has(key) || key === 'errors') continue;
    const value = read(() => (error as unknown as Record<string, unknown>)[key]);
    const thrown = isError(value) ? encode(value, encoding) : undefined;
    if (thrown !== undefined) errorFields = { ...errorFields, [key]: thrown };
    else if (!isError(value)) fields = { ...fields, [key]: value };
  }
  return { ...(fields !== undefined && { fields }), ...(errorFields !== undefined && { errorFields }) };
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
  for (const [key, value] of Object.entries(parts.fields ?? {})) show(error, key, value);
  for (const [key, thrown] of Object.entries(parts.errorFields ?? {})) show(error, key, decodeThrown(thrown));
  return error;
}

function show(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true });
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
