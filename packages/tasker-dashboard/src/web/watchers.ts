/** Bytes that may wait for a watcher before it is sent nothing more. */
const ROOM = 256 * 1024;
/** A watcher that has taken nothing for so long is gone. */
const PATIENCE = 60_000;
/** A stream ends after so long: the page comes back, and is asked again who it is. */
const MAX_AGE = 15 * 60_000;

/**
 * Those who watch the stream. What is sent is encoded once for all. Nothing is kept for one who is slow: it misses what it has no room for,
 * and is then told all anew.
 */
export class Watchers {
  readonly #watchers = new Set<Watcher>();
  readonly #hello: () => Uint8Array;

  /** `hello` makes what a stream begins with. */
  constructor(hello: () => Uint8Array) {
    this.#hello = hello;
  }

  get size(): number {
    return this.#watchers.size;
  }

  /** A stream for one more. `signal` tells that its request is over. */
  add(signal: AbortSignal): ReadableStream<Uint8Array> {
    const watcher = new Watcher(this.#hello, () => this.#watchers.delete(watcher));
    this.#watchers.add(watcher);
    signal.addEventListener('abort', () => watcher.end(), { once: true });
    if (signal.aborted) watcher.end();
    return watcher.stream;
  }

  send(bytes: Uint8Array): void {
    const now = performance.now();
    for (const watcher of this.#watchers) watcher.send(bytes, now);
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.end();
  }
}

class Watcher {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #hello: () => Uint8Array;
  readonly #left: () => void;
  readonly #since = performance.now();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  #hadRoomAt: number = this.#since;
  /** Whether it has missed something. */
  #isBehind = false;

  constructor(hello: () => Uint8Array, left: () => void) {
    this.#hello = hello;
    this.#left = left;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          controller.enqueue(hello());
        },
        cancel: () => this.#leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: ROOM }),
    );
  }

  send(bytes: Uint8Array, now: number): void {
    if (this.#controller === undefined) return;
    if ((this.#controller.desiredSize ?? 0) > 0) {
      this.#hadRoomAt = now;
      this.#controller.enqueue(this.#isBehind ? this.#hello() : bytes);
      this.#isBehind = false;
    } else {
      this.#isBehind = true;
    }
    if (now - this.#hadRoomAt > PATIENCE || now - this.#since > MAX_AGE) this.end();
  }

  end(): void {
    const controller = this.#controller;
    this.#leave();
    controller?.close();
  }

  #leave(): void {
    this.#controller = undefined;
    this.#left();
  }
}
