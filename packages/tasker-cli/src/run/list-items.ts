import { ALL_WELL } from '../basics/exit-codes.ts';
import { countOf } from '../basics/numbers.ts';
import type { Items } from '../input/items.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { Worker } from '../work/load-worker.ts';
import { managerConfig } from '../work/manager-config.ts';
import type { Messages } from '../process/messages.ts';
import type { RunSettings } from './settings.ts';
import type { SkippedLines } from '../process/skipped-lines.ts';
import { startManager } from './start-manager.ts';
import { WriteFailures } from '../process/write-failures.ts';

/** Prints the items that would be run, and runs nothing. Resolves with the exit code. */
export async function listItems(
  { module, manager }: RunSettings,
  worker: Worker,
  items: Items,
  skipped: SkippedLines,
  messages: Messages,
): Promise<number> {
  // Checks the options, and makes no resource.
  await startManager({ ...managerConfig(worker.options, manager), lazy: true }, module).kill();
  const failures = new WriteFailures();
  const out = LineWriter.standardOutput(failures.add);
  let count = 0;
  for await (const portion of items.read(skipped.add)) {
    for (const { index, value } of portion) out.write(JSON.stringify({ index, input: value }));
    count += portion.length;
    await out.room();
    if (!failures.isEmpty) break;
  }
  await out.end();
  const failed = failures.tell(messages, '');
  if (failed !== undefined) return failed;
  messages.note(`${countOf(count, 'item')} would be run`);
  return ALL_WELL;
}
