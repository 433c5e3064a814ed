// @ts-check

/** @import { Terminal } from '@xterm/headless' */

/**
 * What a terminal shows at a moment: its rows, each as runs of text of one style.
 *
 * @typedef {object} Frame
 * @property {number} at Milliseconds from the beginning.
 * @property {readonly (readonly Run[])[]} rows
 *
 * @typedef {object} Run
 * @property {number} column
 * @property {number} width
 * @property {string} text
 * @property {string} style A CSS class for each property.
 */

const CELL = { width: 8.4, height: 16.5 };
const MARGIN = 16;
const BAR = 28;
/** How long the last frame is shown at the start, in ms. */
const FIRST = 2_000;

const COLOURS = ['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#abb2bf'];

/**
 * @param {Terminal} terminal
 * @param {number} at
 * @returns {Frame}
 */
export function readFrame(terminal, at) {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: terminal.rows }, (_, row) => readRow(terminal, active.baseY + row));
  return { at, rows };
}

/**
 * @param {Terminal} terminal
 * @param {number} number
 * @returns {Run[]}
 */
function readRow(terminal, number) {
  /** @type {Run[]} */
  const runs = [];
  const line = terminal.buffer.active.getLine(number);
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() || ' ';
    const style = [
      ...(cell?.isFgPalette() ? [`c${cell.getFgColor() % 8}`] : []),
      ...(cell?.isBold() ? ['b'] : []),
      ...(cell?.isDim() ? ['d'] : []),
    ].join(' ');
    const last = runs.at(-1);
    if (last !== undefined && last.style === style) {
      last.text += text;
      last.width++;
    } else runs.push({ column, width: 1, text, style });
  }
  return runs.filter(({ text }) => text.trim() !== '');
}

/**
 * A picture that moves where that is wanted, and else shows the last frame. It begins with the end of that frame's rest: what is seen
 * first, and where a moving picture stands still, is full.
 *
 * @param {readonly Frame[]} frames
 * @param {{ columns: number, rows: number, title: string, rest: number }} options `rest` is how long the last frame stays, in ms.
 * @returns {string}
 */
export function toSvg(frames, { columns, rows, title, rest }) {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(rows * CELL.height + BAR + 2 * MARGIN);
  const duration = (frames.at(-1)?.at ?? 0) + rest;
  const percent = (/** @type {number} */ ms) => ((ms / duration) * 100).toFixed(3);
  const moves = frames.map(({ at }, i) => {
    const end = frames[i + 1]?.at ?? duration;
    const before = i === 0 ? '' : `0%,${percent(at)}%{visibility:hidden}`;
    return `@keyframes f${i}{${before}${percent(at)}%,${percent(end)}%{visibility:visible}${percent(end)}%,100%{visibility:${end === duration ? 'visible' : 'hidden'}}}`;
  });
  const animations = frames.map(
    (_, i) => `.f${i}{animation:f${i} ${duration}ms ${FIRST - duration}ms step-end infinite}`,
  );
  const colours = COLOURS.map((colour, i) => `.c${i}{fill:${colour}}`);
  const style = [
    `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d8dee9;white-space:pre}`,
    ...colours,
    '.b{font-weight:bold}.d{opacity:.65}.f{visibility:hidden}.last{visibility:visible}',
    `@media (prefers-reduced-motion:no-preference){.last{visibility:hidden}${animations.join('')}}`,
    ...moves,
  ].join('');
  const body = frames.map((frame, i) => {
    const isLast = i === frames.length - 1;
    return `<g class="f f${i}${isLast ? ' last' : ''}">${frame.rows.map(rowSvg).join('')}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title><style>${style}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1e222a"/>`,
    ...['#e06c75', '#e5c07b', '#98c379'].map(
      (fill, i) => `<circle cx="${MARGIN + 4 + i * 20}" cy="18" r="6" fill="${fill}"/>`,
    ),
    ...body,
    '</svg>\n',
  ].join('\n');
}

/**
 * @param {readonly Run[]} runs
 * @param {number} row
 * @returns {string}
 */
function rowSvg(runs, row) {
  const y = BAR + MARGIN + row * CELL.height + 13;
  return runs
    .map(({ column, width, text, style }) => {
      const x = (MARGIN + column * CELL.width).toFixed(1);
      // Each run is as wide as its cells, whatever the font.
      const length = (width * CELL.width).toFixed(1);
      const kind = style === '' ? '' : ` class="${style}"`;
      return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${kind}>${escape(text)}</text>`;
    })
    .join('');
}

/**
 * @param {string} text
 * @returns {string}
 */
function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
