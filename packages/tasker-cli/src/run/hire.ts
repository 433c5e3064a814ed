import { shellWord } from '../basics/shell-word.ts';
import type { Item } from '../input/item.ts';
import type { Messages } from '../process/messages.ts';
import { Store, queueOf } from '../process/store.ts';
import { Warnings } from '../process/warnings.ts';
import { InThreads } from '../work/in-threads.ts';
import { runHere } from '../work/item-runner.ts';
import { NAMES } from '../work/item-tasks.ts';
import { managerConfig } from '../work/manager-config.ts';
import { nameOf } from '../work/module-name.ts';
import { OwnWorkforce } from './own-workforce.ts';
import type { RunPlan } from './plan.ts';
import { SharedWorkforce } from './shared-workforce.ts';
import { startManager } from './start-manager.ts';
import type { Workforce } from './workforce.ts';

/** What keeps items that may run once from a second run. */
export interface Once {
  /** Whether an item had begun in an earlier run, and must not be run again. */
  readonly hadBegun: (item: Item) => boolean;
  /** Called before an item begins; false if it must not. */
  readonly began: (item: Item) => boolean;
  /** Called when one has been taken back before it was run. */
  readonly takenBack: (index: number) => void;
}

/** Starts those who run the items of a plan, and shows them on its page. Rejects with `UsageError`. */
export function hire(plan: RunPlan, messages: Messages, once: Once): Promise<Workforce> {
  const { url } = plan.settings;
  return url === undefined ? hireHere(plan, messages, once) : hireAnywhere(plan, url, messages, once);
}

async function hireHere(
  { settings, worker, dashboard }: RunPlan,
  messages: Messages,
  { hadBegun, began }: Once,
): Promise<Workforce> {
  const { module, threads, manager: flags, giveUpAfter: maxOutage } = settings;
  const items = threads ? new InThreads(module, messages.log) : runHere(worker);
  const config = items.config({ logger: new Warnings(messages), ...managerConfig(worker.options, flags) });
  const { maxQueueSize = Infinity, rate, keyRate } = config;
  const manager = startManager(config, module);
  try {
    await dashboard?.open({ [nameOf(module)]: manager }, messages);
  } catch (error) {
    await manager.kill();
    throw error;
  }
  const hasRate = rate !== undefined || keyRate !== undefined;
  return new OwnWorkforce(manager, {
    ...{ items, maxQueueSize, hasRate, maxOutage, isUnknown: hadBegun, began, log: messages.log },
  });
}

async function hireAnywhere(
  { settings, worker, identity, dashboard }: RunPlan,
  url: string,
  messages: Messages,
  once: Once,
): Promise<Workforce> {
  const { module, queue, threads, manager, giveUpAfter } = settings;
  const store = await Store.load(url, queueOf(worker, module, queue));
  const client = await store.connect(Object.values(NAMES), giveUpAfter);
  let here: Awaited<ReturnType<Store['startWorker']>> | undefined;
  try {
    if (manager.workerCount !== 0) here = await store.startWorker(worker, module, { manager, threads }, messages);
    if (here !== undefined) await dashboard?.open({ [nameOf(module)]: here.manager }, messages);
    const lonely = (): void => messages.note(`nobody takes the items; on any machine: ${workerCommand(module, queue)}`);
    return new SharedWorkforce(client, here, {
      ...{ run: identity.run ?? '', timeout: manager.timeout, ...once, lonely },
    });
  } catch (error) {
    await Promise.all([here?.kill(), client.close()]);
    throw error;
  }
}

function workerCommand(module: string, queue: string | undefined): string {
  const flags = queue === undefined ? [] : ['--queue', queue];
  return ['tasker', 'worker', shellWord(module), ...flags, '--url …'].join(' ');
}
