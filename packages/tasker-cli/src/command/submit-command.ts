import { Command, Option } from 'commander';
import { Messages } from '../process/messages.ts';
import type { SubmitSettings } from '../submit/settings.ts';
import { delimiter, duration, integer } from './flag-values.ts';
import { neededUrl, storeFlags } from './store-flags.ts';

const HELP = `
Examples:
  $ tasker submit thumbnail.mjs photos/a.jpg photos/b.jpg --url redis://queue.internal
  $ tasker submit shots.ts --name screenshot '{"url":"https://example.org"}' --wait --url …
  $ tasker submit --name report --queue nightly --jsonl days.jsonl --priority -1 --url …

MODULE (.js, .mjs, .cjs, .ts, .mts) is that of "tasker worker". Without it, --name and --queue say what runs.
An INPUT is JSON; what is none stands for itself, as a string.

It prints the ids, or with --wait a line of JSON for each result, as tasker run does.

Exit code: 0 all well; 1 some failed; 2 wrong usage or input, or the store does not answer.
`;

type Flags = Omit<SubmitSettings, 'module' | 'inputs'>;

const OFF = { once: false, wait: false, json: false, quiet: false };

/** `tasker submit`. Its action calls `done` with the exit code. */
export function createSubmitCommand(done: (exitCode: number) => void): Command {
  const command = new Command('submit')
    .description('submit tasks to a store, for its workers to run')
    .usage('[module] [inputs...] --url <url> [options]')
    .argument('[inputs...]', 'a module, and what its tasks are given')
    .addHelpText('after', HELP)
    .action(async (given: string[], flags: Flags) => {
      const url = neededUrl(flags.url);
      const [first = ''] = given;
      const hasModule = flags.name === undefined || /\.[cm]?js$|\.m?ts$/.test(first);
      const [module, inputs] = hasModule ? [given[0], given.slice(1)] : [undefined, given];
      const settings = { ...OFF, ...flags, url, module, inputs };
      const { submitCommand } = await import('../submit/submit-command.ts');
      done(await submitCommand(settings, new Messages(settings.quiet)));
    });
  const group = (heading: string, ...options: Option[]): void => {
    for (const option of options) command.addOption(option.helpGroup(heading));
  };
  group('Store:', ...storeFlags());
  group(
    'Tasks:',
    new Option('--name <name>', 'the task, where a module has several, or without a module'),
    new Option('--lines <file>', 'a string for each line; - is standard input, .gz is decompressed'),
    new Option('--jsonl <file>', 'a value for each line of JSON'),
    new Option('--csv <file>', 'an object for each record, by the names of the header'),
    new Option('--delimiter <char>', 'what separates the fields of --csv (default: ,)').argParser(delimiter),
    new Option('--on-bad-input <what>', 'fail, or skip what is malformed').choices(['fail', 'skip']).default('fail'),
  );
  group(
    'Each task:',
    new Option('--priority <n>', 'an integer; higher is earlier (default: 0)').argParser(integer),
    new Option('--delay <duration>', 'time before it may start').argParser(duration),
    new Option('--timeout <duration>', 'longest time of one run (default: that of its worker)').argParser(duration),
    new Option('--dedupe <key>', 'not if a task of this key waits or runs: then the id is that one'),
    new Option('--once', 'never run it twice'),
  );
  group(
    'Results:',
    new Option('--wait', 'wait for the results and print them'),
    new Option('--json', 'end with a summary in JSON, on standard error'),
    new Option('--quiet', 'say nothing but errors'),
  );
  return command;
}
