import { Fingerprint } from '../input/fingerprint.ts';
import type { Items } from '../input/items.ts';
import { newRunId } from '../work/item-id.ts';
import type { RunIdentity } from '../output/journal.ts';
import type { PreviousRun } from './previous-run.ts';
import type { RunSettings } from './settings.ts';

/**
 * Reads all items before anything is run, if they can be read twice. Throws `BadInput` at what is malformed, and `UsageError` if they are
 * not those of the run to go on with. Resolves with their number, if it is known, too.
 */
export async function identify(
  items: Items,
  { out, shuffle, url }: RunSettings,
  previous: PreviousRun | undefined,
): Promise<{ readonly identity: RunIdentity; readonly count: number | undefined }> {
  const isRead = items.isCheckable || (items.isRepeatable && out !== undefined);
  const fingerprint = new Fingerprint();
  let count = 0;
  let found = 0;
  if (isRead) {
    for await (const portion of items.read(() => {})) {
      count += portion.length;
      if (out === undefined) continue; // nothing can be resumed
      for (const item of portion) {
        fingerprint.add(item);
        if (previous?.has(item) === true) found++;
      }
    }
  }
  const run = url === undefined ? undefined : (previous?.storeRun ?? newRunId());
  const identity = { items: isRead ? fingerprint.digest() : null, seed: shuffle ?? null, run };
  previous?.assertSame(identity, isRead ? found : undefined);
  return { identity, count: isRead ? count : undefined };
}
