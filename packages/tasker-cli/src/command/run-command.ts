import { Command, Option } from 'commander';
import { Messages } from '../process/messages.ts';
import type { RunSettings } from '../run/settings.ts';
import { count, delimiter, duration, seed } from './flag-values.ts';
import { dashboardFlag } from './dashboard-flag.ts';
import { ITEM_FLAGS, RESOURCE_FLAGS, WORKER_FLAGS, flagsOf, managerOptions } from './manager-flags.ts';
import { queueFlag, urlFlag } from './store-flags.ts';

/** What commander makes of the flags of `tasker run`. */
type Flags = Omit<RunSettings, 'module' | 'globs' | 'manager' | 'args'> & { readonly help: true | undefined };

/** Flags that are off unless they are given. */
const OFF = {
  dryRun: false,
  threads: false,
  ordered: false,
  json: false,
  resume: false,
  resumeFailed: false,
  quiet: false,
  once: false,
};

const EXAMPLES = `
Examples:
  $ tasker run thumbnail.mjs "photos/**/*.jpg" --out done.jsonl
  $ tasker run fetch.ts --lines urls.txt --workers 8 --rate 20/s --retries 3 > pages.jsonl
  $ tasker run import.mjs --csv people.csv.gz --key country --key-concurrency 2 --failures failed.jsonl
  $ tasker run import.mjs --csv people.csv --once --out done.jsonl --resume
  $ tasker run thumbnail.mjs --lines shared.txt --out done.jsonl --url redis://queue.internal
  $ zcat events.gz | tasker run score.mjs --jsonl - | head

MODULE (.js, .mjs, .cjs, .ts, .mts) has a default export, by defineWorker of tasker-cli or of that shape:
  export default { onCreate, onDestroy, run(item, resource, context), ...options of createTaskManager }
or just
  export default (item, context) => result

A duration is 500ms, 30s, 2m, 1h, or a number of seconds.

Exit code: 0 all well; 1 some items failed; 2 wrong usage or input; 130 after Ctrl-C; 143 after SIGTERM.
`;

/** `tasker run`; `args` are those of the whole command line. Its action calls `done` with the exit code. */
export function createRunCommand(args: readonly string[], done: (exitCode: number) => void): Command {
  const command: Command = addOptions(new Command('run').description('run a module for every item'))
    .usage('<module> [globs...] [options]')
    .argument('[module]', 'what to run: a JavaScript or TypeScript file')
    .argument('[globs...]', 'items: the paths of files, sorted')
    // Not that of commander, which waits for no module to be loaded.
    .helpOption(false)
    .addOption(new Option('-h, --help', 'show this help; with a module, what it sets as well').helpGroup('Help:'))
    .action(async (module: string | undefined, globs: string[], { help, ...flags }: Flags) => {
      if (help === true) {
        const { settingsHelp } = await import('./settings-help.ts');
        const settings = module === undefined ? '' : await settingsHelp(module);
        process.stdout.write(command.helpInformation() + EXAMPLES + settings);
        return;
      }
      if (module === undefined) command.error("error: missing required argument 'module'");
      const resume = flags.resume || flags.resumeFailed;
      const settings = { ...OFF, ...flags, resume, args, module, globs, manager: managerOptions(flags) };
      const { runCommand } = await import('../run/run-command.ts');
      done(await runCommand(settings, new Messages(settings.quiet)));
    });
  return command;
}

function addOptions(command: Command): Command {
  const group = (heading: string, ...options: Option[]): void => {
    for (const option of options) command.addOption(option.helpGroup(heading));
  };
  group(
    'Items, from one source:',
    new Option('--lines <file>', 'a string for each line; - is standard input, .gz is decompressed'),
    new Option('--jsonl <file>', 'a value for each line of JSON'),
    new Option('--csv <file>', 'an object for each record, by the names of the header'),
    new Option('--delimiter <char>', 'what separates the fields of --csv (default: ,)').argParser(delimiter),
    new Option('--on-bad-input <what>', 'fail, or skip what is malformed').choices(['fail', 'skip']).default('fail'),
    new Option('--limit <n>', 'run no more than n items').argParser(count).default(Infinity, 'all'),
    new Option('--shuffle [seed]', 'in a random order, the same for the same seed; holds all in memory').argParser(
      seed,
    ),
    new Option('--dry-run', 'list the items and run nothing'),
  );
  group(
    'Results:',
    new Option('--out <file>', 'write them there, not to standard output'),
    new Option('--failures <file>', 'write those of failed items there, too'),
    new Option('--resume', 'go on with --out: run what has no line in it yet'),
    new Option('--resume-failed', 'the same, and run what has failed again'),
    new Option('--ordered', 'in the order of the items, not of completion'),
    new Option('--json', 'end with a summary in JSON, on standard error'),
    new Option('--quiet', 'say nothing but errors, and what the module says'),
    new Option('--no-progress', 'do not show how far it is'),
    dashboardFlag('show the run on a page of this machine'),
  );
  group(
    'Workers:',
    ...flagsOf(WORKER_FLAGS),
    new Option('--threads', 'each worker is a thread with a resource of its own'),
    new Option(
      '--give-up-after <duration>',
      'end the run when no resource could be made, or with --url the store was away, for so long',
    )
      .argParser(duration)
      .default(60_000, '1m'),
    new Option('--grace <duration>', 'how long SIGTERM lets items finish').argParser(duration).default(10_000, '10s'),
  );
  group(
    'Many machines:',
    urlFlag('share the run with all that run "tasker worker MODULE --url": redis://…, postgres://…, pglite:FOLDER'),
    queueFlag(),
  );
  group('Resources:', ...flagsOf(RESOURCE_FLAGS));
  group(
    'Each item:',
    ...flagsOf(ITEM_FLAGS),
    new Option('--once', 'never run an item twice'),
    new Option('--priority <field>', 'the field with its priority: higher is earlier'),
    new Option('--key <field>', 'the field with its key: keys take turns'),
  );
  return command;
}
