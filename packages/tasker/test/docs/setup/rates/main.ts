import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTaskManager } from 'tasker';

export { createTaskManager };

/** Refuses the first call of each path, and answers the others. */
const known = new Set<string | undefined>();
const server = createServer((request, response) => {
  const isKnown = known.has(request.url);
  known.add(request.url);
  response.writeHead(isKnown ? 200 : 429, { 'retry-after': '0' }).end('hello');
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

export const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

export class HttpError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor({ status, headers }: Response) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

export async function get(from: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(from, { signal });
  if (!response.ok) throw new HttpError(response);
  return response.text();
}

export const prompt = 'Why is the sky blue?';
export const answer = async (_prompt: string, signal: AbortSignal): Promise<string> => {
  signal.throwIfAborted();
  return 'By Rayleigh scattering.';
};
export const prompts = [prompt, prompt, prompt];
export const report = (error: unknown): void => console.error(error);

export function end(): void {
  server.closeAllConnections();
  server.close();
}
