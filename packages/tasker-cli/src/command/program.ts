import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { createInitCommand } from './init-command.ts';
import { createReportCommand } from './report-command.ts';
import { createRunCommand } from './run-command.ts';
import { createSubmitCommand } from './submit-command.ts';
import { createWorkerCommand } from './worker-command.ts';

const EXAMPLES = `
Examples:
  $ tasker init thumbs
  $ tasker run thumbs.mjs "photos/*.jpg" --out thumbs.jsonl
  $ tasker report thumbs.jsonl

tasker COMMAND --help tells all about a command.
`;

/** The command line, to be given `args`. Its actions call `done` with the exit code, and load what they do only then: each has libraries of its own. */
export function createProgram(args: readonly string[], done: (exitCode: number) => void): Command {
  const program = new Command('tasker')
    .description('Runs a function of yours for every file, line or record, on a pool of scarce resources.')
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .showHelpAfterError('(tasker --help shows all commands)');
  const commands = [
    createRunCommand(args, done),
    createReportCommand(done),
    createWorkerCommand(done),
    createSubmitCommand(done),
    createInitCommand(done),
  ];
  for (const command of commands) {
    command.copyInheritedSettings(program).showHelpAfterError(`(tasker ${command.name()} --help shows all options)`);
    program.addCommand(command);
  }
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
