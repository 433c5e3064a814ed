import { Command, Option } from 'commander';
import { Messages } from '../process/messages.ts';
import type { WorkerSettings } from '../worker/settings.ts';
import { duration, wholeRate } from './flag-values.ts';
import { RESOURCE_FLAGS, SHARED_ITEM_FLAGS, WORKER_FLAGS, flagsOf, managerOptions } from './manager-flags.ts';
import { dashboardFlag } from './dashboard-flag.ts';
import { neededUrl, storeFlags } from './store-flags.ts';

const HELP = `
Examples:
  $ tasker worker thumbnail.mjs --url redis://queue.internal --max-workers 8
  $ TASKER_URL=postgres://… tasker worker shots.ts --lock 30s

MODULE is one of tasker run, whose items come from "tasker run --url" and "tasker submit", or has a default export
  export default { onCreate, onDestroy, tasks: defineTasks()({ … }), ...options of createWorker }
with the tasks that programs submit by tasker-distributed.

Start it on as many machines as you like. SIGTERM and Ctrl-C finish what runs.

Exit code: 2 it does not start; 130 after Ctrl-C; 143 after SIGTERM; 0 stopped on its page; 1 the module ended it.
`;

type Flags = Omit<WorkerSettings, 'module' | 'manager'>;

/** `tasker worker`. Its action calls `done` with the exit code. */
export function createWorkerCommand(done: (exitCode: number) => void): Command {
  const command = new Command('worker')
    .description('run what is submitted to a store (Redis, PostgreSQL), on any number of machines')
    .usage('<module> --url <url> [options]')
    .argument('<module>', 'what to run: a JavaScript or TypeScript file')
    .addHelpText('after', HELP)
    .action(async (module: string, { threads = false, quiet = false, ...flags }: Partial<Flags>) => {
      const url = neededUrl(flags.url);
      const settings = { ...(flags as Flags), url, threads, quiet, module, manager: managerOptions(flags) };
      const { workerCommand } = await import('../worker/worker-command.ts');
      done(await workerCommand(settings, new Messages(quiet)));
    });
  const group = (heading: string, ...options: Option[]): void => {
    for (const option of options) command.addOption(option.helpGroup(heading));
  };
  group(
    'Store:',
    ...storeFlags(),
    new Option('--queue-rate <n/unit>', 'most starts by all workers together; give each of them the same').argParser(
      wholeRate,
    ),
    new Option(
      '--lock <duration>',
      'how long a worker may be silent before it counts as dead (default: 15s)',
    ).argParser(duration),
    new Option('--lock-check <duration>', 'how often to look for the tasks of dead workers (default: 5s)').argParser(
      duration,
    ),
    new Option('--stop-timeout <duration>', 'how long a stop lets tasks finish before they go back to the queue')
      .argParser(duration)
      .default(10_000, '10s'),
  );
  group(
    'Workers:',
    ...flagsOf(WORKER_FLAGS),
    new Option('--threads', 'each worker is a thread with a resource of its own'),
  );
  group('Resources:', ...flagsOf(RESOURCE_FLAGS));
  group('Each item:', ...flagsOf(SHARED_ITEM_FLAGS));
  group(
    'Terminal:',
    new Option('--quiet', 'say nothing but errors, and what the module says'),
    new Option('--no-progress', 'do not show what it does'),
    dashboardFlag('show it on a page of this machine'),
  );
  return command;
}
