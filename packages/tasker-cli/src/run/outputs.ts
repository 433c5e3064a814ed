import { UsageError } from '../basics/usage-error.ts';
import { holdFile } from '../output/hold-file.ts';
import { Journal } from '../output/journal.ts';
import type { RunIdentity } from '../output/journal.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import { holdsAnything, isOrBecomesFile } from '../output/own-file.ts';
import { Results } from '../output/results.ts';
import type { PreviousRun } from './previous-run.ts';
import type { RunSettings } from './settings.ts';

/** Where a run writes. */
export interface Outputs {
  readonly results: Results;
  /** Undefined if the results go nowhere from where they could be read again. */
  readonly journal: Journal | undefined;
}

/** Holds the files of results for this process. Rejects with `UsageError` if another run has one of them. */
export async function holdOutputs({ out, failures }: RunSettings): Promise<void> {
  for (const file of [out, failures]) {
    if (file === undefined || !isOrBecomesFile(file) || (await holdFile(file))) continue;
    throw new UsageError(`${file} is being written by another tasker run: wait for its end, or name another file`);
  }
}

/** Throws `UsageError` if a run would take away what an earlier one has written. One that is resumed takes nothing away. */
export async function assertNothingIsLost({ out, failures, resume }: RunSettings): Promise<void> {
  if (resume) return;
  if (out !== undefined && holdsAnything(out)) {
    throw new UsageError(`${out} is there already: give --resume to go on with it, name another file, or remove it`);
  }
  if (out !== undefined && (await Journal.read(out))?.begun.isEmpty === false) {
    throw new UsageError(
      `${out}.journal tells of items that had begun: give --resume to go on with them, or remove it`,
    );
  }
  if (failures !== undefined && holdsAnything(failures)) {
    throw new UsageError(`${failures} is there already: name another file for --failures, or remove it`);
  }
}

/** Opens what a run writes, and goes on with what an earlier one has written. Rejects with `UsageError`. */
export async function openOutputs(
  { out, failures, ordered, once }: RunSettings,
  previous: PreviousRun | undefined,
  identity: RunIdentity,
  failed: (failure: WriteFailure) => void,
): Promise<Outputs> {
  await previous?.dropUndone();
  const main =
    out === undefined
      ? LineWriter.standardOutput(failed)
      : LineWriter.file(out, failed, { kept: previous?.length ?? 0, isAtOnce: once });
  const second = failures === undefined ? undefined : LineWriter.file(failures, failed, { kept: 0, isAtOnce: false });
  const results = new Results(main, second, ordered);
  if (previous !== undefined) await results.copyFailures(previous.failures());
  if (out === undefined || !main.isFile) return { results, journal: undefined };
  // Items that are run again have other ids in the store.
  const isNew = !once && identity.run !== undefined && identity.run !== previous?.storeRun;
  const isResumed = previous !== undefined && !isNew;
  return { results, journal: Journal.open(out, identity, { isResumed, isDurable: once }) };
}
