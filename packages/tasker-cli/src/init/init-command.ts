import { realpathSync } from 'node:fs';
import { ALL_WELL, INTERRUPTED } from '../basics/exit-codes.ts';
import { askTemplate } from './ask-template.ts';
import { findTemplate, noTemplate } from './find-template.ts';
import { missingPackages } from './missing-packages.ts';
import { nextSteps } from './next-steps.ts';
import type { Template } from './templates.ts';
import { writeFiles } from './write-files.ts';

/** What `tasker init` is asked to do. */
export interface InitSettings {
  /** The name of a template; undefined to ask for it. */
  readonly template: string | undefined;
  /** Where to write; undefined for the current folder. */
  readonly dir: string | undefined;
}

/** `tasker init`: files to begin with. Resolves with the exit code. Rejects with `UsageError` if nothing was written. */
export async function initCommand({ template: name, dir }: InitSettings): Promise<number> {
  const template = await chosen(name);
  if (template === undefined) {
    process.stdout.write('Nothing was written.\n');
    return INTERRUPTED;
  }
  const folder = dir ?? '.';
  const files = await writeFiles(template.name, folder);
  const missing = missingPackages(['tasker-cli', ...template.packages], realpathSync(folder));
  process.stdout.write(`Written: ${files.join(', ')}\n\n${nextSteps(template, missing, dir)}\n`);
  return ALL_WELL;
}

async function chosen(name: string | undefined): Promise<Template | undefined> {
  if (name !== undefined) return findTemplate(name);
  if (!canAsk()) throw noTemplate();
  return await askTemplate();
}

/** Whether somebody can answer. A terminal without a width, as some containers have it, shows a letter a line. */
const canAsk = (): boolean => process.stdin.isTTY && process.stdout.isTTY && process.stdout.columns > 0;
