import { journalOf } from '../output/journal.ts';
import { rewrittenOf } from '../output/rewrite-file.ts';

/** Where results go. */
interface Targets {
  readonly out: string | undefined;
  readonly failures: string | undefined;
}

/** All files that a run writes. */
export function writtenFiles({ out, failures }: Targets): string[] {
  return [
    ...(out === undefined ? [] : [out, journalOf(out), rewrittenOf(out)]),
    ...(failures === undefined ? [] : [failures]),
  ];
}
