import { deferred } from '../primitives/deferred.ts';
import type { Deferred } from '../primitives/deferred.ts';
import type { Callback } from './arguments.ts';
import { ThreadError } from './thread-error.ts';

/** Sends an invocation to the owner of the thread. May throw; then it was not sent. */
type SendInvocation = (callback: number, invocation: number, args: readonly unknown[]) => void;

/** The caller's callbacks, as the function in the thread calls them; they work as long as the call lasts. */
export class RemoteCallbacks {
  readonly #send: SendInvocation;
  /** Not answered yet. */
  readonly #invocations = new Map<number, Deferred<unknown>>();
  #last = 0;
  #hasEnded = false;

  constructor(send: SendInvocation) {
    this.#send = send;
  }

  /** The function that stands for the callback of that number. */
  make(callback: number): Callback {
    return (...args) => {
      const answer = deferred<unknown>();
      // A function need not wait for a callback such as onProgress; that it failed must not be the end of the thread.
      answer.promise.catch(() => {});
      if (this.#hasEnded) {
        answer.reject(new ThreadError('CALL_ENDED', 'a callback was called after the end of its call'));
        return answer.promise;
      }
      const invocation = ++this.#last;
      this.#invocations.set(invocation, answer);
      try {
        this.#send(callback, invocation, args);
      } catch (error) {
        this.reject(invocation, error);
      }
      return answer.promise;
    };
  }

  resolve(invocation: number, value: unknown): void {
    this.#take(invocation)?.resolve(value);
  }

  reject(invocation: number, error: unknown): void {
    this.#take(invocation)?.reject(error);
  }

  end(): void {
    this.#hasEnded = true;
    for (const invocation of this.#invocations.keys()) {
      this.reject(invocation, new ThreadError('CALL_ENDED', 'the call has ended before its callback answered'));
    }
  }

  #take(invocation: number): Deferred<unknown> | undefined {
    const answer = this.#invocations.get(invocation);
    this.#invocations.delete(invocation);
    return answer;
  }
}
