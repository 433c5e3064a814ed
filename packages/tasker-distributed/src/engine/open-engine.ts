import { openStore } from '../store/open-store.ts';
import { BullEngine } from './bull-engine.ts';
import type { Engine } from './engine.ts';

/** The queue of those who name none. */
export const DEFAULT_NAME = 'tasker';

/** `storeTimeout`: milliseconds that the store may be away before a command is given up. The engine on the store that a URL names, for the queue of that name. */
export async function openEngine(url: string | undefined, name: string, storeTimeout: number): Promise<Engine> {
  return new BullEngine(await openStore(url), name, storeTimeout);
}
