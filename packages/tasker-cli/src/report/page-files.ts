import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What a page has in it: scripts and styles. */
export interface PageFiles {
  readonly library: PageFile;
  readonly charts: PageFile;
  readonly style: PageFile;
}

/** A script or a style, and the source by which a Content-Security-Policy allows it. */
export interface PageFile {
  readonly text: string;
  readonly hash: string;
}

/** Reads them: uPlot, the charts as they are compiled, and the style sheet, which the compiler leaves where it is. */
export function pageFiles(): PageFiles {
  const { resolve } = createRequire(import.meta.url);
  const uplot = (path: string): string => readFileSync(resolve(`uplot/${path}`), 'utf8');
  return {
    library: fileOf(`/*\n${uplot('LICENSE')}*/\n${uplot('dist/uPlot.iife.min.js')}`),
    charts: fileOf(own('dist/page/charts.js').replace(/^\/\/# sourceMappingURL=.*$/m, '')),
    style: fileOf(`${uplot('dist/uPlot.min.css')}\n${own('src/page/report.css')}`),
  };
}

/** A file of this package. */
const own = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

function fileOf(text: string): PageFile {
  return { text, hash: `'sha256-${createHash('sha256').update(text).digest('base64')}'` };
}
