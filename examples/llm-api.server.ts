/** Stands for an LLM API: streams its answers, and allows so many requests and so many tokens a minute. Its minutes are short. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

export interface Limits {
  readonly minute: number;
  readonly requests: number;
  readonly tokens: number;
}

/** Refilled evenly. Empty at first, as if somebody else had just used up the account. */
class Bucket {
  #level = 0;
  #at = Date.now();
  readonly #size: number;
  readonly #perMs: number;

  constructor(size: number, minute: number) {
    this.#size = size;
    this.#perMs = size / minute;
  }

  /** Milliseconds until so much is there. */
  lacks(amount: number): number {
    const now = Date.now();
    this.#level = Math.min(this.#size, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
    return Math.max(0, (amount - this.#level) / this.#perMs);
  }

  take(amount: number): void {
    this.#level -= amount;
  }
}

export async function serve({ minute, requests, tokens }: Limits) {
  const counts = { refused: 0, stopped: 0 };
  const buckets = { requests: new Bucket(requests, minute), tokens: new Bucket(tokens, minute) };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { prompt, maxTokens } = (await json(request)) as { prompt: string; maxTokens: number };
    const cost = Math.ceil(prompt.length / 4) + maxTokens;
    const wait = Math.max(buckets.requests.lacks(1), buckets.tokens.lacks(cost));
    if (wait > 0) {
      counts.refused++;
      response.writeHead(429, { 'retry-after': String(Math.ceil(wait / 1000)) }).end();
      return;
    }
    buckets.requests.take(1);
    buckets.tokens.take(cost);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < maxTokens && !response.destroyed; i += 10) {
      response.write(`data: ${JSON.stringify(`word ${i} `)}\n\n`);
      await setTimeout(10);
    }
    if (response.destroyed) counts.stopped++; // nobody reads any more
    response.end();
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts, close: () => server.close() };
}
