import type { Url } from '../primitives/platform.ts';
import type { ThreadHooks } from './hooks.ts';
import { makeHooks } from './make-hooks.ts';
import type { ThreadModule } from './module-types.ts';
import { resolveProcessOptions } from './process-options.ts';
import type { ProcessOptions } from './process-options.ts';
import { startProcess } from './start-process.ts';

/**
 * Processes as the resources of a task manager: what `threads` does, over `node:child_process`. For modules that may crash,
 * such as native addons, or whose memory never comes back; a task is written for either alike.
 *
 * A process that exits, crashes, is killed, throws outside of a call or leaves a rejection unhandled rejects its calls with
 * a `ThreadError`, which names its exit code or signal, and is replaced, also while it is idle. None survives
 * the process that has started it. `maxUses` and `maxAge` of the manager replace them before their memory grows too large.
 *
 * Different from `threads` is only what needs shared memory: `move()` and `transfer` copy, and leave what they copy as it was;
 * a `SharedArrayBuffer`, a port or a stream cannot be sent (`NOT_CLONEABLE`); there are no `resourceLimits`, so a process that
 * runs out of memory is one that was ended by SIGABRT (`THREAD_EXITED`). In Node, Bun and Deno.
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
