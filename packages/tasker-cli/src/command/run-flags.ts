import { Command, Option } from 'commander';
import { Messages } from '../run/messages.ts';
import { RunCommand } from '../run/run-command.ts';
import type { RunSettings } from '../run/settings.ts';
import { ANY_SEED, count, delimiter, duration, positive, rate, seed } from './flag-values.ts';

/** What commander makes of the flags of `tasker run`. */
type Flags = Omit<RunSettings, 'module' | 'globs' | 'shuffle'> & { readonly shuffle: number | true | undefined };

/** Flags that are off unless they are given. */
const OFF = { dryRun: false, threads: false, ordered: false, json: false, resume: false, quiet: false, once: false };

const EXAMPLES = `
Examples:
  $ tasker run thumbnail.mjs 'photos/**/*.jpg' --out done.jsonl
  $ tasker run fetch.ts --lines urls.txt --workers 8 --rate 20/s --retries 3 > pages.jsonl
  $ tasker run import.mjs --csv people.csv.gz --key country --key-concurrency 2 --failures failed.jsonl
  $ tasker run import.mjs --csv people.csv --once --out done.jsonl --resume
  $ zcat events.gz | tasker run score.mjs --jsonl - | head

MODULE (.js, .mjs, .cjs, .ts, .mts) has a default export, by defineWorker of tasker-cli or of that shape:
  export default { onCreate, onDestroy, run(item, resource, context), ...options of createTaskManager }
or just
  export default (item, context) => result

A duration is 500ms, 30s, 2m, 1h, or a number of seconds.

Exit code: 0 all well; 1 some items failed; 2 wrong usage or input; 130 after Ctrl-C; 143 after SIGTERM.
`;

/** `tasker run`. Its action calls `done` with the exit code. */
export function runCommand(done: (exitCode: number) => void): Command {
  return addOptions(new Command('run').description('run a module for every item'))
    .argument('<module>', 'what to run: a JavaScript or TypeScript file')
    .argument('[globs...]', 'items: the paths of files, sorted')
    .addHelpText('after', EXAMPLES)
    .action(async (module: string, globs: string[], flags: Flags) => {
      const shuffle = flags.shuffle === true ? seed(ANY_SEED) : flags.shuffle;
      const settings = { ...OFF, ...flags, module, globs, shuffle };
      done(await new RunCommand(settings, new Messages(settings.quiet)).run());
    });
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
    new Option('--ordered', 'in the order of the items, not of completion'),
    new Option('--json', 'end with a summary in JSON, on standard error'),
    new Option('--quiet', 'say nothing but errors'),
    new Option('--no-progress', 'show no progress on a terminal'),
  );
  group(
    'Workers:',
    new Option('--workers <n>', 'workers that are always there (default: 1)').argParser(positive),
    new Option('--max-workers <n>', 'most workers under load (default: the number of cores)').argParser(positive),
    new Option('--tasks-per-worker <n>', 'items that share a worker at a time (default: 1)').argParser(positive),
    new Option('--threads', 'each worker is a thread with a resource of its own'),
    new Option('--grace <duration>', 'how long SIGTERM lets items finish').argParser(duration).default(10_000, '10s'),
  );
  group(
    'Each item:',
    new Option('--retries <n>', 'run a failed item again, n times at most').argParser(count),
    new Option('--timeout <duration>', 'longest time of one run').argParser(duration),
    new Option('--rate <n/unit>', 'starts of runs, such as 20/s or 600/min').argParser(rate),
    new Option('--once', 'never run an item twice'),
    new Option('--priority <field>', 'the field with its priority: higher is earlier'),
    new Option('--key <field>', 'the field with its key: keys take turns'),
    new Option('--key-concurrency <n>', 'items of one key that run at a time').argParser(positive),
  );
  return command;
}
