import { shellWord } from '../basics/shell-word.ts';
import type { Template } from './templates.ts';

/** What is told after the files were written: what to type, what comes of it, and what to change then. */
export function nextSteps(
  { packages, setup, run, outputs, result, edits }: Template,
  missing: readonly string[],
  folder: string | undefined,
): string {
  const needsSetup = setup !== undefined && packages.some((name) => missing.includes(name));
  const commands = [
    ...(folder === undefined ? [] : [`cd ${shellWord(folder)}`]),
    ...(missing.length === 0 ? [] : [`npm install ${missing.join(' ')}`]),
    ...(needsSetup ? [setup] : []),
    `npx tasker run ${run}`,
    `npx tasker report ${outputs[0]}`,
  ];
  const hints = [
    ...edits,
    ['after Ctrl-C', 'the same command with --resume'],
    ['to run all again', `delete ${outputs.join(', ')}`],
  ] as const;
  const width = Math.max(...hints.map(([what]) => what.length));
  return [
    'Try it:',
    ...commands.map((command) => `  ${command}`),
    '',
    result,
    '',
    'Make it yours:',
    ...hints.map(([what, where]) => `  ${what.padEnd(width)}  ${where}`),
  ].join('\n');
}
