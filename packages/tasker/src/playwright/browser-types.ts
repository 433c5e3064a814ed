/** What is used of a `Browser`, of Playwright or Puppeteer. */
export interface BrowserLike<P = PageLike> {
  newPage(): Promise<P>;
  close(): Promise<unknown>;
  on(event: 'disconnected', listener: () => void): unknown;
  /** Playwright's. */
  newContext?(): Promise<Pick<BrowserLike<P>, 'newPage'>>;
  /** Puppeteer's. */
  createBrowserContext?(): Promise<Pick<BrowserLike<P>, 'newPage'>>;
}

/** What is used of a `Page`, of Playwright or Puppeteer. */
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
