/**
 * What goes through the pipes of a process: frames. Numbers are little-endian.
 *
 * ```
 *   0          4         8
 *   ┌──────────┬─────────┬──────────────────┐
 *   │  length  │  kind   │  length bytes    │
 *   └──────────┴─────────┴──────────────────┘
 * ```
 */
const HEAD = 8;

/** Descriptors of the pipes in the process. The first one goes both ways: the guard answers there. */
export const TO_PROCESS = 3;
export const FROM_PROCESS = 4;

/** A message of `protocol.ts`, serialized. Either way. */
export const MESSAGE = 0;
/** An abort is among the messages sent before. To the process. */
export const BELL = 1;
/** Asks in which call's function the process is. To the process. */
export const ASK = 2;
/** The answer: the number of the call. From the process. */
export const CURRENT_CALL = 3;
/** An error outside of any call, encoded; the process exits. From the process. */
export const FAILURE = 4;

/** A body above this is not copied behind its head, but sent after it. */
const COPIED = 65_536;

const EMPTY = new Uint8Array(0);

/** A frame, as the pieces to be written one after the other. */
export function frame(kind: number, body: Uint8Array = EMPTY): readonly Uint8Array[] {
  const isCopied = body.length <= COPIED;
  const first = new Uint8Array(isCopied ? HEAD + body.length : HEAD);
  const head = new DataView(first.buffer);
  head.setUint32(0, body.length, true);
  head.setUint32(4, kind, true);
  if (!isCopied) return [first, body];
  first.set(body, HEAD);
  return [first];
}

/** Puts frames together again from chunks of whatever size. A body that it hands out has a buffer to itself. */
export class FrameReader {
  readonly #onFrame: (kind: number, body: Uint8Array) => void;
  readonly #head = new Uint8Array(HEAD);
  #kind = 0;
  /** Of the frame that is being read; undefined while its head is. */
  #body: Uint8Array | undefined = undefined;
  /** Bytes of head or body that have come. */
  #filled = 0;

  constructor(onFrame: (kind: number, body: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const target = this.#body ?? this.#head;
      const part = chunk.subarray(at, at + target.length - this.#filled);
      target.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === target.length) this.#step();
    }
  }

  /** Head or body is complete. */
  #step(): void {
    this.#filled = 0;
    if (this.#body === undefined) {
      const head = new DataView(this.#head.buffer);
      this.#kind = head.getUint32(4, true);
      this.#body = new Uint8Array(head.getUint32(0, true));
      if (this.#body.length > 0) return;
    }
    const body = this.#body;
    this.#body = undefined;
    this.#onFrame(this.#kind, body);
  }
}
