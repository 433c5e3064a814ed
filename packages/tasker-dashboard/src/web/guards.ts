import { Refusal } from './answers.ts';
import type { ResolvedOptions } from './options.ts';

/** Who may ask for anything at all. */
export async function guardRequest(request: Request, { authorize }: ResolvedOptions): Promise<void> {
  if (authorize === undefined) {
    guardHost(request);
    return;
  }
  let isAllowed: unknown;
  try {
    isAllowed = await authorize(request);
  } catch (error) {
    console.error('tasker-dashboard: authorize failed:', error);
  }
  if (isAllowed !== true) throw new Refusal(403, 'authorize refused this request');
}

/**
 * A page of somebody else whose name has been made to point to this machine (DNS rebinding) is of the same origin to the browser, but
 * its requests still have its name. Where requests have credentials, these tell: a browser sends none to another name.
 */
function guardHost(request: Request): void {
  if (!isLoopback(parse(`http://${hostOf(request)}`)?.hostname)) {
    throw new Refusal(403, 'without authorize, the page is there for loopback names such as localhost only');
  }
}

/** Requests by HTTP/2 have no such header: their URL has the name. */
const hostOf = ({ headers, url }: Request): string => headers.get('host') ?? new URL(url).host;

/** What a browser says of where a request comes from. A program that is no browser says nothing. */
export function guardOrigin(request: Request): void {
  const site = request.headers.get('sec-fetch-site');
  const isForeign = site !== null && site !== 'same-origin' && site !== 'none';
  if (isForeign || !isOwnOrigin(request)) throw new Refusal(403, 'requests of other sites are refused');
}

/** The port may be left out; a proxy may have spoken HTTPS, and we HTTP. */
function isOwnOrigin(request: Request): boolean {
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  const [, scheme, host] = /^(https?):\/\/(.+)$/.exec(origin) ?? [];
  if (scheme === undefined) return false;
  const wanted = parse(`${scheme}://${hostOf(request)}`)?.host;
  return wanted !== undefined && wanted === parse(`${scheme}://${host}`)?.host;
}

/** Whether a request may change anything. */
export function guardAction(request: Request, token: string, { isReadOnly }: ResolvedOptions): void {
  guardOrigin(request);
  if (isReadOnly) throw new Refusal(403, 'this dashboard is read-only');
  if (request.headers.get('x-tasker-token') !== token) {
    throw new Refusal(403, 'the header x-tasker-token must be the token of the page; reload it');
  }
}

/** Names of this machine for itself, which nobody can make point elsewhere. */
export function isLoopback(hostname: string | undefined): boolean {
  if (hostname === undefined) return false;
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)\.?$/i.test(hostname);
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
