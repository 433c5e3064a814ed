import { moduleSettings } from '../run/module-settings.ts';
import { MANAGER_FLAGS } from './manager-flags.ts';

/** The part of the help that tells what a module sets, and by which flag to change it. */
export async function settingsHelp(module: string): Promise<string> {
  const settings = await moduleSettings(module);
  if (settings.length === 0) return `\n${module} sets no option.\n`;
  const width = Math.max(...settings.map(({ option }) => option.length));
  const lines = settings.map(({ option, value }) => {
    const long = MANAGER_FLAGS.find((known) => known.option === option)?.flag.long;
    return `  ${option.padEnd(width)}  ${value}${long == null ? '' : `  (${long})`}`;
  });
  return `\n${module} sets:\n${lines.join('\n')}\n`;
}
