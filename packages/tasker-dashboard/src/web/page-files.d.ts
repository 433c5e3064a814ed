/** The files of the page, which `bundle-page.mjs` writes: as text in a module, so that any bundler takes them along. */
export const pageFiles: Readonly<Record<'page.js' | 'page.css' | 'icon.svg', string>>;
/** Changes with any of them. */
export const version: string;
