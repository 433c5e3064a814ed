import { Command } from 'commander';
import { templateList } from '../init/templates.ts';

const HELP = `
Templates:
  ${templateList().join('\n  ')}

Each runs as it is, on input that it brings.
Files that are there are never overwritten.

Examples:
  $ tasker init
  $ tasker init thumbs
  $ tasker init sql --dir import

Exit code: 0 written; 2 nothing written; 130 after Ctrl-C.
`;

/** `tasker init`. Its action calls `done` with the exit code. */
export function createInitCommand(done: (exitCode: number) => void): Command {
  return new Command('init')
    .description('write a module to begin with')
    .argument('[template]', 'which one; without it you are asked')
    .option('--dir <folder>', 'write there, not into the current folder; made if it is not there')
    .addHelpText('after', HELP)
    .action(async (template: string | undefined, { dir }: { dir?: string }) => {
      const { initCommand } = await import('../init/init-command.ts');
      done(await initCommand({ template, dir }));
    });
}
