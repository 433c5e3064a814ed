import { countOf } from '../basics/numbers.ts';
import { keepForResults } from '../basics/standard-output.ts';
import { Items } from '../input/items.ts';
import { forStore, itemOptions } from '../work/item-options.ts';
import { Dashboard } from '../process/dashboard.ts';
import { loadModule } from '../process/load-module.ts';
import { loadWorker } from '../work/load-worker.ts';
import { identify } from './identify.ts';
import { listItems } from './list-items.ts';
import type { Messages } from '../process/messages.ts';
import { openSource } from '../input/open-source.ts';
import { assertNothingIsLost, holdOutputs } from './outputs.ts';
import { PreviousRun } from './previous-run.ts';
import { Run } from './run.ts';
import { checkSettings } from './settings.ts';
import type { RunSettings } from './settings.ts';
import { SkippedLines } from '../process/skipped-lines.ts';
import { writtenFiles } from './written-files.ts';

/** `tasker run`: items in, results out. Resolves with the exit code; rejects with `UsageError` if nothing was run. */
export async function runCommand(settings: RunSettings, messages: Messages): Promise<number> {
  checkSettings(settings);
  keepForResults(); // whatever the module prints
  const { module, onBadInput, limit, shuffle, resume, resumeFailed, out = '' } = settings;
  const source = openSource(settings, writtenFiles(settings));
  if (shuffle !== undefined) messages.note(`the order is that of --shuffle ${shuffle}`);
  if (!settings.dryRun) {
    await holdOutputs(settings);
    await assertNothingIsLost(settings);
  }
  const worker = await loadModule(module, loadWorker);
  const optionsOf = settings.url === undefined ? itemOptions(settings) : forStore(itemOptions(settings));
  const items = new Items(source, { onBadInput, limit, seed: shuffle, check: optionsOf });
  const skipped = new SkippedLines(messages);
  if (settings.dryRun) return await listItems(settings, worker, items, skipped, messages);
  const dashboard = await Dashboard.load(settings.dashboard);
  const previous = resume ? await PreviousRun.read(out, resumeFailed ? 'succeeded' : 'all') : undefined;
  const { identity, count } = await identify(items, settings, previous);
  if (previous !== undefined) messages.note(`resuming: ${previous.count} done already${doublesOf(previous)}`);
  const plan = { settings, worker, items, optionsOf, previous, identity, total: count, dashboard };
  return await new Run(plan, skipped, messages).run();
}

const doublesOf = ({ doubles }: PreviousRun): string =>
  doubles === 0 ? '' : `; of ${countOf(doubles, 'item')} a further line is taken away`;
