/** The part of a `Browser`, of Playwright or Puppeteer, that is used here. */
export interface BrowserLike<P = PageLike> {
  newPage(): Promise<P>;
  close(): Promise<unknown>;
  on(event: 'disconnected', listener: () => void): unknown;
  /** Only in Playwright. */
  newContext?(): Promise<Pick<BrowserLike<P>, 'newPage' | 'close'>>;
  /** Only in Puppeteer. */
  createBrowserContext?(): Promise<Pick<BrowserLike<P>, 'newPage' | 'close'>>;
}

/** The part of a `Page`, of Playwright or Puppeteer, that is used here. */
export interface PageLike {
  goto(url: string): Promise<unknown>;
  close(): Promise<unknown>;
  /** `crash` is Playwright's, `error` Puppeteer's. */
  on(event: never, listener: never): unknown;
  context?(): { close(): Promise<unknown> };
  browserContext?(): { close(): Promise<unknown> };
}

/** The pages of a kind of browser. */
export type PageOf<B> = B extends { newPage(...args: never): Promise<infer P extends PageLike> } ? P : never;
