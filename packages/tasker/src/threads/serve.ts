import { encodeThrown, simplify } from './error-codec.ts';
import type { HostPort } from './port.ts';
import * as kind from './protocol.ts';
import type { ThreadInit } from './protocol.ts';
import { ThreadHost } from './thread-host.ts';
import type { Exported } from './thread-host.ts';

/** The hooks that a module may export. */
interface Hooks {
  readonly onCreate?: (data: unknown) => unknown;
  readonly onDestroy?: (state: unknown) => unknown;
}

/** Loads the module, makes its state and serves its functions; or says why that failed. */
export async function serve(
  port: HostPort,
  { module: url, data, shared }: ThreadInit,
): Promise<ThreadHost | undefined> {
  try {
    const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as Hooks & Record<string, unknown>;
    const state: unknown = await module.onCreate?.(data);
    const destroy = (): unknown => module.onDestroy?.(state);
    return new ThreadHost(port, { functions: functionsOf(module), state, destroy }, shared);
  } catch (error) {
    port.post([kind.FAILED, 0, simplify(encodeThrown(error))], []);
    return undefined;
  }
}

function functionsOf(module: Record<string, unknown>): Exported[] {
  return Object.entries(module).flatMap(([name, fn]) =>
    typeof fn === 'function' && name !== 'onCreate' && name !== 'onDestroy' ? [{ name, fn: fn as Exported['fn'] }] : [],
  );
}
