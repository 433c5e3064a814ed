import { openStore } from '../store/open-store.ts';
import { BullEngine } from './bull-engine.ts';
import type { Engine } from './engine.ts';
import type { Telemetry } from './telemetry.ts';

/** The queue of those who name none. */
export const DEFAULT_NAME = 'tasker';

/**
 * The engine on the store that a URL names, for the queue of that name. `storeTimeout`: milliseconds that the store may be away before a command
 * is given up.
 */
export async function openEngine(
  url: string | undefined,
  name: string,
  storeTimeout: number,
  telemetry: Telemetry | undefined,
): Promise<Engine> {
  return new BullEngine(await openStore(url), name, storeTimeout, telemetry);
}
