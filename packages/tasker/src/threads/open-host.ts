import { BUNDLE_REMEDY } from './bundle-remedy.ts';
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

/**
 * Loads the module, unless it is given, makes its state and serves its functions; or says why that failed. `printed` resolves when all output has left.
 */
export async function openHost(
  port: HostPort,
  { module: url, data, shared }: ThreadInit,
  given?: object,
  printed: () => Promise<void> = async () => {},
): Promise<ThreadHost | undefined> {
  try {
    const module = exportsOf(given === undefined ? await load(url) : { ...given });
    const state: unknown = await module.onCreate?.(data);
    const destroy = async (): Promise<void> => {
      try {
        await module.onDestroy?.(state);
      } finally {
        await printed();
      }
    };
    return new ThreadHost(port, { functions: functionsOf(module), state, destroy }, shared);
  } catch (error) {
    port.post([kind.FAILED, 0, simplify(encodeThrown(error))], []);
    return undefined;
  }
}

const WEB_TYPESCRIPT = /^https?:.*\.[cm]?tsx?$/;

async function load(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as Record<string, unknown>;
  } catch (error) {
    // The stack of a syntax error is that of the loader; Node says the file in what it prints only.
    if (error instanceof SyntaxError) error.message += ` (in ${url}, or in what it imports)`;
    // A browser does not say why it has refused what nobody has compiled.
    if (error instanceof TypeError && WEB_TYPESCRIPT.test(url)) {
      error.message += ` (it is TypeScript; if the program is bundled, ${BUNDLE_REMEDY})`;
    }
    throw error;
  }
}

/** What a module exports by name, and by the fields of its default export: all that there is of a CommonJS module. */
function exportsOf(module: Record<string, unknown>): Hooks & Record<string, unknown> {
  const { default: own } = module;
  return typeof own === 'object' && own !== null ? { ...own, ...module } : module;
}

function functionsOf(module: Record<string, unknown>): Exported[] {
  return Object.entries(module).flatMap(([name, fn]) =>
    typeof fn === 'function' && name !== 'onCreate' && name !== 'onDestroy' ? [{ name, fn: fn as Exported['fn'] }] : [],
  );
}
