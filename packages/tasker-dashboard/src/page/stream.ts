/** Between two attempts to connect: doubled each time, up to the most. */
const FIRST_DELAY = 500;
const MOST_DELAY = 15_000;
/** A stream that is silent for so long is dead. */
const SILENCE = 25_000;
/** One that ends after so long has been ended by its server, which wants to be asked anew. */
const WHOLE = 10_000;
/** A page that is hidden for so long watches no more: all tabs of a browser together have six connections to a server. */
const HIDDEN = 5_000;

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly retryAt: number }
  /** The server has said no: it is not asked again by itself. */
  | { readonly state: 'refused'; readonly message: string };

/** The stream of the server, come back to with growing delays whenever it is lost. */
export class Stream {
  readonly #url: string;
  readonly #owner: StreamOwner;
  #failures = 0;
  #timer = 0;
  #hiding = 0;
  #isHidden = false;
  #abort: AbortController | undefined = undefined;

  constructor(url: string, owner: StreamOwner) {
    this.#url = url;
    this.#owner = owner;
    // A laptop that wakes up, or a phone that has a network again.
    addEventListener('online', () => {
      if (!document.hidden) this.retry();
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.retry();
      this.#watchVisibility();
    });
    this.#watchVisibility(); // a tab may be opened in the background
  }

  /** Connects now, unless it is connected. */
  retry(): void {
    this.#isHidden = false;
    if (this.#abort !== undefined) return;
    clearTimeout(this.#timer);
    void this.#connect();
  }

  #watchVisibility(): void {
    clearTimeout(this.#hiding);
    if (document.hidden) this.#hiding = setTimeout(() => this.#hide(), HIDDEN);
  }

  /** A tab that nobody looks at costs the server nothing. */
  #hide(): void {
    this.#isHidden = true;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#owner.connection({ state: 'connecting' });
  }

  async #connect(): Promise<void> {
    const abort = (this.#abort = new AbortController());
    const since = performance.now();
    let refusal: string | undefined;
    let isWhole = false;
    try {
      const response = await fetch(this.#url, { signal: abort.signal, headers: { accept: 'text/event-stream' } });
      if (response.ok && response.body !== null) {
        await this.#read(response.body, abort);
        isWhole = performance.now() - since > WHOLE;
      } else if (response.status === 401 || response.status === 403) {
        refusal = await reasonOf(response);
      }
    } catch {
      // Lost: whatever the reason, the next attempt tells.
    }
    abort.abort();
    this.#abort = undefined;
    if (this.#isHidden) return;
    if (isWhole) {
      this.retry();
      return;
    }
    if (refusal !== undefined) {
      this.#owner.connection({ state: 'refused', message: refusal });
      return;
    }
    const delay = Math.min(MOST_DELAY, FIRST_DELAY * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    this.#owner.connection({ state: 'lost', retryAt: Date.now() + delay });
    this.#timer = setTimeout(() => this.retry(), delay);
  }

  async #read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    let watchdog = 0;
    let rest = '';
    for (;;) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), SILENCE);
      const { done, value } = await reader.read();
      if (done) break;
      const events = (rest + value).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.#dispatch(event);
    }
    clearTimeout(watchdog);
  }

  #dispatch(event: string): void {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
    if (name === undefined || data === undefined) return;
    this.#failures = 0;
    this.#owner.message(name, JSON.parse(data));
    if (name === 'state') this.#owner.connection({ state: 'live' });
  }
}

/** Who is told what a {@link Stream} has. */
export interface StreamOwner {
  message(event: string, data: unknown): void;
  connection(connection: Connection): void;
}

/** Why the server has refused a request, in its words. */
export async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // It was not one of ours.
  }
  return `the server has answered ${response.status}`;
}
