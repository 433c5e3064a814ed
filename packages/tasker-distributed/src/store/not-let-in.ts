import { DistributedError } from '../basics/distributed-error.ts';
import { messageOf } from '../basics/message-of.ts';

/** What a server, or the network in front of it, says to whoever opens it. */
export function notLetIn(server: string, url: URL, cause: unknown): DistributedError {
  const message = `${server} at ${placeOf(url)} did not let us in: ${messageOf(cause)}`;
  return new DistributedError('STORE_UNREACHABLE', message, { cause });
}

/** Without name and password, and without options, which may have one. */
export function placeOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
