import type { Message } from './protocol.ts';

interface Serializer {
  writeHeader(): void;
  writeValue(value: unknown): void;
  releaseBuffer(): Uint8Array;
}

interface Deserializer {
  readHeader(): void;
  readValue(): unknown;
}

/** `node:v8`, as far as it is used here. */
export interface NodeV8 {
  readonly Serializer: new () => Serializer;
  readonly Deserializer: new (bytes: Uint8Array) => Deserializer;
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}

/** Makes bytes of messages, for another process, and messages of bytes: what a structured clone does between threads. */
export interface MessageSerializer {
  /** Throws a `DataCloneError`. */
  serialize(message: Message): Uint8Array;
  deserialize(bytes: Uint8Array): Message;
}

/**
 * V8's own, not `v8.serialize()`: that gives views that share one buffer with all else in the message, and
 * copies shared memory without a word. Bun has only that.
 */
export function messageSerializer(v8: NodeV8, isBun: boolean): MessageSerializer {
  if (isBun) {
    return { serialize: (message) => v8.serialize(message), deserialize: (bytes) => v8.deserialize(bytes) as Message };
  }
  class StrictSerializer extends v8.Serializer {
    /** Of objects with something behind them that lives in this process: ports, streams, files, keys. */
    _writeHostObject(object: object): never {
      throw notCloneable(`${object.constructor?.name ?? 'an object of the runtime'} cannot leave its process`);
    }
  }
  return {
    serialize: (message) => {
      for (const value of message) refuseOwn(value);
      const serializer = new StrictSerializer();
      serializer.writeHeader();
      try {
        serializer.writeValue(message);
      } catch (error) {
        throw isCloneError(error) ? notCloneable(error.message) : error;
      }
      return serializer.releaseBuffer();
    },
    deserialize: (bytes) => {
      const deserializer = new v8.Deserializer(bytes);
      deserializer.readHeader();
      return deserializer.readValue() as Message;
    },
  };
}

/** Objects of a runtime that live in their process, of which V8 makes empty objects from Node 22 on, without a word. */
const OWN: readonly (abstract new () => object)[] = [
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'Blob',
].flatMap((name) => (globalThis as unknown as Record<string, abstract new () => object>)[name] ?? []);

/** How many members of a value are looked at: a value of many is data. */
const LOOKED_AT = 100;

/** Refuses what lives in its process, as a value or as a member of one. What lies deeper costs too much to be found. */
function refuseOwn(value: unknown, isMember = false): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  const own = OWN.find((constructor) => value instanceof constructor);
  if (own !== undefined) throw notCloneable(`${value.constructor.name} cannot leave its process`);
  if (isMember) return;
  for (const key of Object.keys(value).slice(0, LOOKED_AT)) {
    refuseOwn(Object.getOwnPropertyDescriptor(value, key)?.value, true); // calls no getter
  }
}

/** Some of V8's own come as a plain `Error`, that of shared memory for one. */
function isCloneError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error' && error.message.endsWith('could not be cloned.');
}

function notCloneable(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}
