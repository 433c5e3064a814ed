import { STRING, invalid, requireRule } from '../basics/option-rules.ts';
import { MEMORY, openPglite } from './pglite-store.ts';
import { openPostgres } from './postgres-store.ts';
import { openRedis } from './redis-store.ts';
import type { Store } from './store.ts';

/** The store of those who name none: a folder beside the program. */
const DEFAULT_URL = 'pglite:./.tasker';

/** Opens the store that a URL names: `redis://` or `rediss://`, `postgres://` or `postgresql://`, `pglite:FOLDER` or `pglite://memory`. */
export async function openStore(url: string = DEFAULT_URL): Promise<Store> {
  requireRule('url', url, STRING);
  const [, scheme = ''] = /^([a-z]+):/.exec(url) ?? [];
  switch (scheme) {
    case 'redis':
    case 'rediss':
      return openRedis(parsed(url));
    case 'postgres':
    case 'postgresql':
      return openPostgres(parsed(url));
    case 'pglite':
      return openPglite(folderOf(url));
    default:
      throw invalid(
        `url must start with redis://, postgres:// or pglite:, got ${scheme === '' ? 'no scheme' : `${scheme}:`}`,
      );
  }
}

/** Its own error has the whole, which may have a password. */
function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const advice = 'in a password, # / ? : and @ are written as encodeURIComponent does';
  throw invalid(`url is malformed after its scheme: ${advice}`);
}

/** `//folder` would be one at the root of the disk. */
function folderOf(url: string): string {
  const path = url.slice('pglite:'.length);
  if (path === MEMORY || /^(?!\/\/[^/])./.test(path)) return path;
  throw invalid(`url must be pglite:FOLDER or pglite://memory, got ${JSON.stringify(url)}`);
}
