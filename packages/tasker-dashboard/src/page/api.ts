import type { FoundMessage } from '../basics/messages.ts';
import { reasonOf } from './stream.ts';

/** What a page asks of its server. All reject with an error whose message is for people. */
export class Api {
  readonly #base: string;
  readonly #token: () => string;

  constructor(base: string, token: () => string) {
    this.#base = base;
    this.#token = token;
  }

  get streamUrl(): string {
    return `${this.#base}/api/stream`;
  }

  async act(manager: string, action: string, body?: unknown): Promise<void> {
    const response = await this.#ask(`${encodeURIComponent(manager)}/${action}`, {
      method: 'POST',
      headers: { 'x-tasker-token': this.#token(), 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(await reasonOf(response));
  }

  cancel(manager: string, id: string): Promise<void> {
    return this.act(manager, `tasks/${encodeURIComponent(id)}/cancel`);
  }

  async find(manager: string, text: string): Promise<FoundMessage> {
    const response = await this.#ask(`${encodeURIComponent(manager)}/tasks?text=${encodeURIComponent(text)}`, {});
    if (!response.ok) throw new Error(await reasonOf(response));
    return (await response.json()) as FoundMessage;
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#base}/api/managers/${path}`, init);
    } catch {
      throw new Error('the server cannot be reached');
    }
  }
}
