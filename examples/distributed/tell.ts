import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const startedAt = performance.now();

/** In colour on a terminal that has some. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

/** A line of the story: when, who, what. */
export function tell(who: string, what: string, style: Style = 'bold'): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5);
  console.log(`${paint('dim', seconds)}  ${paint(style, who.padEnd(9))}  ${what}`);
}
