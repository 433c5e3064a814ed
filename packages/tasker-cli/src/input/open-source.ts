import { UsageError } from '../basics/usage-error.ts';
import { CsvSource } from './csv.ts';
import { GlobSource } from './globs.ts';
import type { Source } from './item.ts';
import { JsonlSource } from './jsonl.ts';
import { LinesSource } from './lines.ts';
import { Input } from './open-input.ts';

/** Where items are to come from. */
export interface SourceSettings {
  readonly globs: readonly string[];
  /** Files, `-` for standard input. */
  readonly lines: string | undefined;
  readonly jsonl: string | undefined;
  readonly csv: string | undefined;
  readonly delimiter: string | undefined;
  /** The field of an item with its priority. */
  readonly priority: string | undefined;
}

const CHOICES = 'name files or globs, or give --lines FILE, --jsonl FILE or --csv FILE (- for standard input)';

/**
 * The one source of items that was named; files that are `written` are no items of globs. Throws `UsageError` if there are several, or
 * none.
 */
export function openSource(settings: SourceSettings, written: readonly string[]): Source {
  const { globs, lines, jsonl, csv, delimiter, priority } = settings;
  const named = [
    ...(globs.length > 0 ? ['globs'] : []),
    ...Object.entries({ '--lines': lines, '--jsonl': jsonl, '--csv': csv }).flatMap(([flag, file]) =>
      file === undefined ? [] : [flag],
    ),
  ];
  if (named.length > 1) throw new UsageError(`items come from one source, got ${named.join(' and ')}`);
  if (delimiter !== undefined && csv === undefined) throw new UsageError('--delimiter is for --csv only');
  if (lines !== undefined) return new LinesSource(new Input(lines));
  if (jsonl !== undefined) return new JsonlSource(new Input(jsonl));
  if (csv !== undefined) {
    const hasLines = priority !== undefined; // for the message about one that is no number
    return new CsvSource(new Input(csv), { delimiter: delimiter ?? ',', hasLines });
  }
  if (globs.length > 0) return new GlobSource(globs, written);
  throw new UsageError(`there are no items: ${CHOICES}`);
}
