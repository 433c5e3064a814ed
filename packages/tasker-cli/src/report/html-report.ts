import { formatMs } from '../basics/duration.ts';
import { countOf, formatCount } from '../basics/numbers.ts';
import { chartDataOf } from './chart-data.ts';
import { coarser } from './durations.ts';
import { titleOf } from '../tally/error-groups.ts';
import type { ErrorGroup } from '../tally/error-groups.ts';
import { Markup, html } from './markup.ts';
import type { Inserted } from './markup.ts';
import type { PageFiles } from './page-files.ts';
import type { RunReport } from './run-report.ts';
import { TIMES_HEAD, factsOf, notesOf, timesOf } from './sections.ts';
import type { SlowItem } from '../tally/slowest.ts';
import { timelineOf } from './timeline.ts';
import { axisLabels, formatInstant, formatRange } from './words.ts';

/** What a page is about. */
export interface PageView {
  /** The name of the file. */
  readonly name: string;
  readonly madeAt: number;
  readonly files: PageFiles;
}

/** Rows of the tables beside the charts. */
const MOST_BARS = 20;
const MOST_ROWS = 60;

/** A report as one page that asks nobody for anything. */
export function htmlReport(report: RunReport, { name, madeAt, files }: PageView): string {
  const { library, charts, style } = files;
  const policy = [
    "default-src 'none'",
    `script-src ${library.hash} ${charts.hash}`,
    `style-src ${style.hash}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const notes = notesOf(report);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>Report of ${name}</title>
        <link rel="icon" href="data:," />
        ${rawElement('style', '', style.text)}
      </head>
      <body>
        <header>
          <h1>Report of ${name}</h1>
          <p class="hint">Made ${formatInstant(madeAt)} by tasker. Times of day are those of ${zone()}.</p>
          <p class="hint screen">In a chart, drag to zoom in and double-click to zoom out.</p>
        </header>
        <main>
          ${report.items === 0 ? html`<p>There are no results.</p>` : facts(report)}
          ${notes.map((note) => html`<p>${note}</p> `)} ${report.items === 0 ? '' : sections(report)}
        </main>
        ${rawElement('script', ' type="application/json" id="chart-data"', jsonOf(chartDataOf(report)))}
        ${rawElement('script', '', library.text)} ${rawElement('script', ' type="module"', charts.text)}
      </body>
    </html> `.text;
}

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A script or a style: its text as it is, to the character, or its hash is another. */
const rawElement = (name: 'script' | 'style', attributes: string, text: string): Markup =>
  new Markup(`<${name}${attributes}>${text}</${name}>`);

/** JSON that cannot end its script. */
const jsonOf = (value: unknown): string => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);

function facts(report: RunReport): Markup {
  const colour = (name: string): string => (name === 'ok' || (name === 'failed' && report.failed > 0) ? name : '');
  return html`<dl>
    ${factsOf(report).map(
      ([name, text]) =>
        html`<div>
          <dt>${name}</dt>
          <dd class="${colour(name)}">${text}</dd>
        </div> `,
    )}
  </dl>`;
}

function sections(report: RunReport): Markup[] {
  const { durations, period, errors, slowest, runTimes, waitTimes } = report;
  return [
    ...(runTimes === undefined && waitTimes === undefined ? [] : [times(report)]),
    ...(durations.length === 0 ? [] : [durationChart(report)]),
    ...(period === undefined ? [] : [throughputChart(period)]),
    ...(errors.groups.length === 0 ? [] : [errorTable(report)]),
    ...(slowest.length === 0 ? [] : [slowestTable(slowest)]),
  ];
}

function times(report: RunReport): Markup {
  const columns = timesOf(report);
  const rows = TIMES_HEAD.map((name, i) => [name, ...columns.map(({ cells }) => cells[i] ?? '')]);
  return html`<section aria-labelledby="times-title">
    <h2 id="times-title">Times</h2>
    <p class="hint">run: the last run of an item; wait: until its first run.</p>
    ${table(['', ...columns.map(({ name }) => name)], rows)}
    ${figure('percentiles', 'Percentiles of run and wait times', 'So many percent took no longer. Both axes are logarithmic.')}
  </section> `;
}

function durationChart({ durations }: RunReport): Markup {
  const rows = coarser(durations, MOST_BARS).map(({ from, to, count }) => [formatRange(from, to), formatCount(count)]);
  return html`<section aria-labelledby="durations-title">
    <h2 id="durations-title">How long runs took</h2>
    ${figure('durations', 'Number of items by the duration of their last run', 'Items by how long their last run took.')}
    ${asTable(['run time', 'items'], rows)}
  </section> `;
}

function throughputChart({ ends, pauses }: NonNullable<RunReport['period']>): Markup {
  const { width, stretches } = timelineOf(ends, pauses, MOST_ROWS);
  const slots = stretches.flat();
  const label = axisLabels(slots[0]?.at ?? 0, slots.at(-1)?.at ?? 0);
  const rows = slots.map(({ at, ended, failed }) => [label(at), formatCount(ended), formatCount(failed)]);
  const pause = pauses.length === 0 ? '' : ' A dashed line is a pause that was left out.';
  return html`<section aria-labelledby="throughput-title">
    <h2 id="throughput-title">Throughput</h2>
    ${figure('throughput', 'Items that ended, over time', `Items that ended, over time, and those of them that failed.${pause}`)}
    ${asTable([`from, for ${formatMs(width)}`, 'ended', 'of these failed'], rows)}
  </section> `;
}

/** Where a chart is drawn. The table beside it says the same. */
function figure(id: string, label: string, caption: string): Markup {
  return html`<figure>
    <div class="chart" id="${id}" role="img" aria-label="${label}"></div>
    <figcaption>${caption}</figcaption>
    <noscript><p>The chart needs JavaScript.</p></noscript>
  </figure>`;
}

/** A table of which all but the first column are numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return html`<div class="wide narrow">
    <table>
      <thead>
        <tr>
          ${head.map((text, i) => tableHead(text, i))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((text, i) => tableCell(text, i))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

function tableHead(text: string, column: number): Markup {
  if (text === '') return html`<td></td>`;
  return html`<th scope="col" class="${column === 0 ? '' : 'number'}">${text}</th>`;
}

const tableCell = (text: string, column: number): Markup =>
  column === 0 ? html`<th scope="row">${text}</th>` : html`<td class="number">${text}</td>`;

const asTable = (head: readonly string[], rows: readonly (readonly string[])[]): Markup =>
  html`<details>
    <summary>As a table</summary>
    ${table(head, rows)}
  </details>`;

function errorTable({ errors: { groups, others } }: RunReport): Markup {
  return html`<section aria-labelledby="errors-title">
    <h2 id="errors-title">Errors</h2>
    <p class="hint">Messages that differ only in numbers, quoted parts, paths, addresses and ids are one kind.</p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">failures</th>
            <th scope="col">kind, and the first of it</th>
          </tr>
        </thead>
        <tbody>
          ${groups.map((group) => errorRow(group))}
        </tbody>
      </table>
    </div>
    ${others === 0 ? '' : html`<p>${countOf(others, 'failure')} of other kinds.</p>`}
  </section> `;
}

function errorRow(group: ErrorGroup): Markup {
  const { pattern, count, example } = group;
  const parts: Inserted[] = [
    html`<strong>${titleOf(group)}:</strong> ${pattern}`,
    ...(example.message === pattern ? [] : [html`<br /><span class="hint">${example.message}</span>`]),
    html`<br /><span class="hint">item ${example.index}</span> <code>${example.input}</code>`,
  ];
  return html`<tr>
    <td class="number failed">${formatCount(count)}</td>
    <td class="text">${parts}</td>
  </tr> `;
}

function slowestTable(items: readonly SlowItem[]): Markup {
  return html`<section aria-labelledby="slowest-title">
    <h2 id="slowest-title">Slowest</h2>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">run</th>
            <th scope="col">result</th>
            <th scope="col" class="number">item</th>
            <th scope="col">input</th>
          </tr>
        </thead>
        <tbody>
          ${items.map((item) => slowRow(item))}
        </tbody>
      </table>
    </div>
  </section> `;
}

function slowRow({ index, runMs, ok, input }: SlowItem): Markup {
  const state = ok ? 'ok' : 'failed';
  return html`<tr>
    <td class="number">${formatMs(runMs)}</td>
    <td class="${state}">${state}</td>
    <td class="number">${index}</td>
    <td class="text"><code>${input}</code></td>
  </tr> `;
}
