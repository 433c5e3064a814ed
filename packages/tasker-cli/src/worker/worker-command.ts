import type { TaskWorker } from 'tasker-distributed';
import { ALL_WELL, SOME_FAILED } from '../basics/exit-codes.ts';
import { countOf, formatCount } from '../basics/numbers.ts';
import { keepForResults } from '../basics/standard-output.ts';
import { Dashboard } from '../process/dashboard.ts';
import { unlessExit } from '../process/early-exit.ts';
import { Interrupts } from '../process/interrupts.ts';
import { loadModule } from '../process/load-module.ts';
import type { Messages } from '../process/messages.ts';
import { showProgress } from '../process/progress.ts';
import { standingOf } from '../process/standing.ts';
import type { Standing } from '../process/standing.ts';
import { Store, queueOf } from '../process/store.ts';
import { loadTasks } from '../work/load-tasks.ts';
import { EndOfWorker } from './end-of-worker.ts';
import type { WorkerSettings } from './settings.ts';

/** `tasker worker`: runs tasks of a store until it is told to stop. Resolves with the exit code; rejects with `UsageError`. */
export async function workerCommand(settings: WorkerSettings, messages: Messages): Promise<number> {
  const { module, url, queue, stopTimeout, quiet, progress } = settings;
  keepForResults(); // what the module prints is no result
  const loaded = await loadModule(module, loadTasks);
  const store = await Store.load(url, queueOf(loaded, module, queue));
  const dashboard = await Dashboard.load(settings.dashboard);
  const worker = await store.startWorker(loaded, module, settings, messages);
  try {
    await dashboard?.open({ [store.queue ?? 'tasker']: worker.manager }, messages);
  } catch (error) {
    await worker.kill();
    throw error;
  }
  const end = new EndOfWorker(worker, stopTimeout, messages);
  const interrupts = new Interrupts(end, Infinity);
  messages.note(`${worker.name} takes tasks of the queue ${store.queue ?? 'tasker'}; Ctrl-C stops it`);
  const shown = progress && !quiet ? showProgress(() => standing(worker)) : undefined;
  try {
    await unlessExit(
      () => end.ended,
      () => {
        shown?.stop();
        return interrupts.exitCode ?? endedEarly(messages);
      },
    );
    shown?.stop();
    const { done, failed } = standing(worker);
    messages.note(`${countOf(done, 'run')} here, ${formatCount(failed)} failed`);
    return interrupts.exitCode ?? ALL_WELL; // it was stopped on its page
  } finally {
    shown?.stop();
    interrupts.close();
  }
}

function endedEarly(messages: Messages): number {
  messages.error(
    'error: the process was ended by process.exit() or an error that nothing caught; its tasks run again elsewhere',
  );
  return SOME_FAILED;
}

function standing(worker: TaskWorker<unknown>): Standing {
  const { totalTasksCompleted: completed, totalTasksFailed: failed } = worker.metrics();
  return { ...standingOf(worker, true), done: completed + failed, total: undefined, failed };
}
