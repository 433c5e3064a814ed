export { browserPages } from './browser-pages.ts';

export type { BrowserPageHooks, BrowserPagesOptions } from './browser-pages.ts';
export type { BrowserLike, PageLike, PageOf } from './browser-types.ts';
export type { BrowserTab } from './tab.ts';
