import { TaskerError } from 'tasker';
import { openPglite } from './pglite-store.ts';
import { openPostgres } from './postgres-store.ts';
import { openRedis } from './redis-store.ts';
import type { Store } from './store.ts';

/** The store of those who name none: a folder beside the program. */
const DEFAULT_URL = 'pglite:./.tasker';

/** Opens the store that a URL names: `redis://` or `rediss://`, `postgres://` or `postgresql://`, `pglite:FOLDER` or `pglite://memory`. */
export async function openStore(url: string = DEFAULT_URL): Promise<Store> {
  const [, scheme = ''] = /^([a-z]+):/.exec(url) ?? [];
  switch (scheme) {
    case 'redis':
    case 'rediss':
      return openRedis(url);
    case 'postgres':
    case 'postgresql':
      return openPostgres(url);
    case 'pglite':
      return openPglite(url.slice('pglite:'.length));
    default:
      throw new TaskerError(
        'INVALID_CONFIG',
        // The rest may have a password.
        `url must start with redis://, postgres:// or pglite:, got ${scheme === '' ? 'no scheme' : `${scheme}:`}`,
      );
  }
}
