/**
 * Types that every runtime has but only some programs declare: they come from `lib.dom`, `@types/node` or
 * `lib.esnext.disposable`, and TypeScript looks for none of them by itself. Each is the declared one where there is one,
 * else what we need of it: so our declarations hold whatever `lib` and `types` say.
 */

type Declared = typeof globalThis;

/** What an `AbortSignal` is to us. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export type AbortSignal = Declared extends { AbortSignal: { prototype: infer Real } } ? Real : SignalLike;

/** What a `URL` is to us. */
export interface UrlLike {
  readonly href: string;
}

export type Url = Declared extends { URL: { prototype: infer Real } } ? Real : UrlLike;

type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol } ? Key : never;

/** What `await using` asks for; empty in a program that does not know `Symbol.asyncDispose`. */
export type AsyncDisposable = { [Key in AsyncDispose]: () => Promise<void> };
