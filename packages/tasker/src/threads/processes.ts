import type { Url } from '../primitives/platform.ts';
import type { ThreadHooks } from './hooks.ts';
import { makeHooks } from './make-hooks.ts';
import type { ThreadModule } from './module-types.ts';
import { resolveProcessOptions } from './process-options.ts';
import type { ProcessOptions } from './process-options.ts';
import { startProcess } from './start-process.ts';

/**
 * Hooks for a task manager with processes as its resources: what `threads` does, by means of `node:child_process`. For
 * modules that may crash, such as native addons, or that never give back their memory. Tasks are written the same way
 * for both.
 *
 * A process that exits, crashes, is killed, throws outside a call or leaves a rejection unhandled rejects its calls
 * with a `ThreadError`, which names its exit code or signal, and is replaced, even while it is idle. No process
 * survives the one that started it. `maxUses` and `maxAge` of the manager replace processes before their memory grows
 * too large.
 *
 * Only what needs shared memory differs from `threads`: `move()` and `transfer` copy, and leave the original as it was;
 * a `SharedArrayBuffer`, a port or a stream cannot be sent (`NOT_CLONEABLE`); there are no `resourceLimits`, so a
 * process that runs out of memory is ended by SIGABRT (`THREAD_EXITED`). Works in Node, Bun and Deno.
 *
 * @throws TaskerError `INVALID_CONFIG` for a wrong or unknown option.
 *
 * @example
 * ```ts
 * // heavy.ts
 * import { createHash } from 'node:crypto';
 *
 * export const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
 *
 * // main.ts
 * import { createTaskManager } from 'tasker';
 * import { processes } from 'tasker/threads';
 *
 * const module = new URL('./heavy.js', import.meta.url);
 * const manager = await createTaskManager({
 *   ...processes<typeof import('./heavy.js')>(module),
 *   workerCount: 4,
 *   maxUses: 1_000, // then a fresh one
 * });
 * const digest = await manager.queueTask((process) => process.run('hash', bytes));
 * ```
 */
export function processes<M = ThreadModule>(module: Url | string, options: ProcessOptions<M> = {}): ThreadHooks<M> {
  const resolved = resolveProcessOptions(module, options as ProcessOptions);
  return makeHooks('processes', resolved.destroyTimeout, (at) => startProcess(resolved, at));
}
