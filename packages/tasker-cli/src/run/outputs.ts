import { Journal } from '../output/journal.ts';
import type { RunIdentity } from '../output/journal.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { WriteFailure } from '../output/line-writer.ts';
import { Results } from '../output/results.ts';
import type { PreviousRun } from './previous-run.ts';
import type { RunSettings } from './settings.ts';

/** Where a run writes. */
export interface Outputs {
  readonly results: Results;
  /** Undefined if the results go nowhere from where they could be read again. */
  readonly journal: Journal | undefined;
}

/** Opens what a run writes, and goes on with what an earlier one has written. Rejects with `UsageError`. */
export async function openOutputs(
  { out, failures, ordered }: RunSettings,
  previous: PreviousRun | undefined,
  identity: RunIdentity,
  failed: (failure: WriteFailure) => void,
): Promise<Outputs> {
  const main = out === undefined ? LineWriter.standardOutput(failed) : LineWriter.file(out, failed, previous?.length);
  const second = failures === undefined ? undefined : LineWriter.file(failures, failed);
  const results = new Results(main, second, ordered);
  if (previous !== undefined) await results.copyFailures(previous.failures());
  if (out === undefined || !main.isFile) return { results, journal: undefined };
  return { results, journal: previous === undefined ? Journal.begin(out, identity) : Journal.goOn(out, identity) };
}
