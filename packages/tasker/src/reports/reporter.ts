import type { AsyncScope } from '../primitives/async-scope.ts';
import { Emitter } from '../primitives/emitter.ts';
import { onRejection } from '../primitives/thenable.ts';
import { silentLogger } from '../metrics/logger.ts';
import type { Logger } from '../metrics/logger.ts';
import type { ErrorSource, TaskerEvents } from './events.ts';

/** Runs code that is not ours in the manager's async context, tells listeners and the logger, and survives them all. */
export class Reporter {
  readonly events: Emitter<TaskerEvents>;
  readonly #logger: Logger;
  // A plain private field and not a #private one: a collector and `checkHealth` may be called for every task.
  private readonly scope: AsyncScope | undefined;
  readonly #label: string;
  readonly #warned = new Set<ErrorSource>();

  constructor(logger: Logger, scope: AsyncScope | undefined, name: string | undefined) {
    this.#logger = logger;
    this.scope = scope;
    this.#label = name === undefined ? 'tasker' : `tasker ${name}`;
    this.events = new Emitter<TaskerEvents>({
      run: (fn) => this.inScope(fn),
      onError: (error, event) => {
        // An `error` listener that throws is only logged, once: telling it of itself, or of the logger, would not end.
        if (event === 'error') this.#write('error', 'a listener of error threw', error);
        else this.failed('listener', error);
      },
    });
  }

  /** Calls a hook in the async context of the manager's creation. */
  inScope<T, A extends unknown[]>(fn: (...args: A) => T, ...args: A): T {
    return this.scope === undefined ? fn(...args) : this.scope.runInAsyncScope(fn, undefined, ...args);
  }

  /**
   * Calls a hook with `args`; if it throws, that is reported and `fallback` is the result. Nobody waits for one that is async. What is called
   * for every task is no closure: those cost more than the call.
   */
  guarded<T, A extends unknown[]>(source: ErrorSource, hook: (...args: A) => T, fallback: T, ...args: A): T {
    try {
      const result = this.inScope(hook, ...args);
      onRejection(result, this.rejected, source);
      return result;
    } catch (error) {
      this.failed(source, error);
      return fallback;
    }
  }

  private readonly rejected = (error: unknown, source: ErrorSource): void => this.failed(source, error);

  /** Code of the user's threw. Where neither a listener of `error` nor a logger hears it, the runtime warns, once per source. */
  failed(source: ErrorSource, error: unknown): void {
    this.events.emit('error', { error, source });
    if (source !== 'logger') this.log('error', `${source} failed`, error);
    if (this.#logger !== silentLogger || this.events.has('error') || this.#warned.has(source)) return;
    this.#warned.add(source);
    warn(
      `${this.#label}: ${source} failed: ${text(error)} (listen to the event error, or pass a logger, to hear of each)`,
    );
  }

  log(level: keyof Logger, message: string, error?: unknown): void {
    if (this.#logger === silentLogger) return;
    const failure = this.#write(level, message, error);
    if (failure !== undefined) this.failed('logger', failure.error);
  }

  /** Logs and returns what the logger threw, if it did. */
  #write(level: keyof Logger, message: string, error: unknown): { readonly error: unknown } | undefined {
    try {
      const result: unknown = this.inScope(() => {
        if (error === undefined) return this.#logger[level](`${this.#label}: ${message}`);
        return this.#logger[level](`${this.#label}: ${message}: ${text(error)}`, error);
      });
      onRejection(result, this.rejected, 'logger');
      return undefined;
    } catch (failure) {
      return { error: failure };
    }
  }
}

/** By the runtime's own means, which must not throw. */
function warn(message: string): void {
  try {
    const { process } = globalThis as { process?: { emitWarning?(message: string, options: object): void } };
    if (process?.emitWarning !== undefined) process.emitWarning(message, { type: 'TaskerWarning' });
    else console.warn(message);
  } catch {
    // There is nobody left to tell.
  }
}

function text(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that cannot be printed';
  }
}
