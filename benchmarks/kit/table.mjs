// Figures as text.

/**
 * A table in Markdown whose columns are aligned; the first row is its head.
 * @param {readonly (readonly string[])[]} rows
 */
export function alignTable([head = [], ...rows]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/**
 * Three digits, as many of them decimals as need be.
 * @param {number} number
 */
export function rounded(number) {
  if (number >= 100) return thousands(Math.round(number));
  return number.toFixed(number >= 10 ? 1 : 2);
}

/**
 * 20001 as "20,001".
 * @param {number} number
 */
export const thousands = (number) => number.toLocaleString('en-US');

/** @param {readonly string[]} lines */
export const toList = (lines) => lines.map((line) => `- ${line}`).join('\n');
