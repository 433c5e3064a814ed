/** Where the page's scripts and styles may come from, and what they may do: only what this server has sent. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** On every response. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

type Body = string | ReadableStream<Uint8Array> | null;

/** A response with the headers that all have. */
export function answer(status: number, body: Body, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

export const done = (): Response => answer(204, null);

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  answer(status, JSON.stringify(value), { ...headers, 'content-type': 'application/json; charset=utf-8' });

/** A request that is refused, and why. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  get response(): Response {
    return json(this.status, { error: this.message }, this.headers);
  }
}
