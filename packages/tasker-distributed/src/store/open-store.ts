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
      return openRedis(parsed(url));
    case 'postgres':
    case 'postgresql':
      return openPostgres(parsed(url));
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

/** Its own error has the whole, which may have a password. */
function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const advice = 'in a password, # / ? : and @ are written as encodeURIComponent does';
  throw new TaskerError('INVALID_CONFIG', `url is malformed after its scheme: ${advice}`);
}
