import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How an API counts calls: asked for each one at a time in ms, it lets it in (0) or says in how many ms it would. */
export type Policy = (now: number) => number;

/** Refilled evenly, `perSecond`; holds `capacity`. */
export function tokenBucket(perSecond: number, capacity: number): Policy {
  let tokens = capacity;
  let last = -Infinity;
  return (now) => {
    if (last > -Infinity) tokens = Math.min(capacity, tokens + ((now - last) * perSecond) / 1_000);
    last = now;
    if (tokens < 1) return ((1 - tokens) * 1_000) / perSecond;
    tokens--;
    return 0;
  };
}

/** `limit` in each `window` ms, which begin at full ones. */
export function fixedWindows(limit: number, window: number): Policy {
  let current = NaN;
  let count = 0;
  return (now) => {
    const index = Math.floor(now / window);
    if (index !== current) [current, count] = [index, 0];
    if (count >= limit) return (index + 1) * window - now;
    count++;
    return 0;
  };
}

/** `limit` in the last `window` ms, whenever that is. */
export function slidingLog(limit: number, window: number): Policy {
  const log: number[] = [];
  return (now) => {
    while ((log[0] ?? Infinity) <= now - window) log.shift();
    if (log.length >= limit) return (log[0] ?? now) + window - now;
    log.push(now);
    return 0;
  };
}

/** What a 429 says of when to come again. */
export const RETRY_AFTER = {
  seconds: (ms: number): string | undefined => String(Math.ceil(ms / 1_000)),
  date: (ms: number): string | undefined => new Date(Math.ceil((Date.now() + ms) / 1_000) * 1_000).toUTCString(),
  nothing: (): string | undefined => undefined,
};

/** An HTTP API on the loopback interface that takes some ms for a call, and answers 429 to those beyond its limit. */
export class RatedApi {
  readonly url: string;
  served = 0;
  refused = 0;
  readonly #server: Server;

  private constructor(server: Server, policy: Policy, say: (ms: number) => string | undefined) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const wait = policy(Date.now());
      if (wait > 0) {
        this.refused++;
        const header = say(wait);
        response.writeHead(429, header === undefined ? {} : { 'retry-after': header }).end();
        return;
      }
      this.served++;
      setTimeout(() => response.end(request.url), 20);
    });
  }

  static async start(policy: Policy, say: (ms: number) => string | undefined): Promise<RatedApi> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RatedApi(server, policy, say);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
