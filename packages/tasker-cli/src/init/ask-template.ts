import { isCancel, select } from '@clack/prompts';
import { TEMPLATES, templateLine } from './templates.ts';
import type { Template } from './templates.ts';

/** Asks on the terminal which template to write; undefined after Ctrl-C. */
export async function askTemplate(): Promise<Template | undefined> {
  const answer = await select({
    message: 'What should run for each item?',
    options: TEMPLATES.map((template) => ({ value: template, label: templateLine(template) })),
  });
  return isCancel(answer) ? undefined : answer;
}
