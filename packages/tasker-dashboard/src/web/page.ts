import { version } from '#page-files';

/** The page, which its script fills. `base` is its path, without a slash at its end; empty where only the browser knows it. */
export function pageHtml(base: string, token: string): string {
  const at = (file: string): string => `${escape(base === '' ? '.' : base)}/assets/${file}?${version}`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="tasker-base" content="${escape(base)}" />
    <meta name="tasker-token" content="${escape(token)}" />
    <meta name="tasker-version" content="${version}" />
    <title>tasker</title>
    <link rel="icon" href="${at('icon.svg')}" />
    <link rel="stylesheet" href="${at('page.css')}" />
    <script type="module" src="${at('page.js')}"></script>
  </head>
  <body>
    <noscript>This page needs JavaScript.</noscript>
    <div id="page"></div>
  </body>
</html>
`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
