import type { Template } from './templates.ts';

/** What is told after the files were written: what to type, and what to change then. */
export function nextSteps(
  { packages, setup, run, edits }: Template,
  missing: readonly string[],
  folder: string | undefined,
): string {
  const needsSetup = setup !== undefined && packages.some((name) => missing.includes(name));
  const commands = [
    ...(folder === undefined ? [] : [`cd ${quoted(folder)}`]),
    ...(missing.length === 0 ? [] : [`npm install ${missing.join(' ')}`]),
    ...(needsSetup ? [setup] : []),
    `npx tasker run ${run}`,
  ];
  const width = Math.max(...edits.map(([what]) => what.length));
  return [
    'Try it:',
    ...commands.map((command) => `  ${command}`),
    '',
    'Make it yours:',
    ...edits.map(([what, where]) => `  ${what.padEnd(width)}  ${where}`),
  ].join('\n');
}

/** As a shell reads it. */
const quoted = (path: string): string => (/^[\w./~:\\+-]+$/.test(path) ? path : `"${path}"`);
