import { UsageError } from '../basics/usage-error.ts';
import { CsvSource } from '../input/csv.ts';
import { GlobSource } from '../input/globs.ts';
import type { Source } from '../input/item.ts';
import { JsonlSource } from '../input/jsonl.ts';
import { LinesSource } from '../input/lines.ts';
import { Input } from '../input/open-input.ts';
import type { RunSettings } from './settings.ts';
import { writtenFiles } from './written-files.ts';

const CHOICES = 'name files or globs, or give --lines FILE, --jsonl FILE or --csv FILE (- for standard input)';

/** The one source of items that was named. Throws `UsageError` if there are several, or none. */
export function openSource(settings: RunSettings): Source {
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
  if (globs.length > 0) return new GlobSource(globs, writtenFiles(settings));
  throw new UsageError(`there are no items: ${CHOICES}`);
}
