import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { InfoRecord } from 'csv-parse';
import { LONGEST_LINE } from '../basics/read-lines.ts';
import { messageOf } from '../basics/usage-error.ts';
import { BadInput } from './item.ts';
import type { Entry } from './item.ts';
import { InputSource } from './open-input.ts';
import type { Input } from './open-input.ts';

/** What the parser yields where lines are asked for. */
interface Parsed {
  readonly record: unknown;
  readonly info: InfoRecord;
}

export interface CsvOptions {
  readonly delimiter: string;
  /** Whether entries have their lines: for each record the parser takes half as long again. */
  readonly hasLines: boolean;
}

/** An object for each record, by the names of the header. */
export class CsvSource extends InputSource {
  readonly #options: CsvOptions;

  constructor(input: Input, options: CsvOptions) {
    super(input);
    this.#options = options;
  }

  async *read(
    bad: (problem: BadInput) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    const { delimiter, hasLines } = this.#options;
    const toEntry = hasLines ? entryWithLine : entryOf;
    const problems: BadInput[] = [];
    const parser = parse({
      bom: true,
      columns: (header: string[]) => this.#checkedHeader(header),
      delimiter,
      info: hasLines,
      max_record_size: LONGEST_LINE,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        // After that it would skip what comes behind, a piece at a time.
        if (error?.code === 'CSV_MAX_RECORD_SIZE') parser.destroy(error);
        problems.push(new BadInput(this.name, lineOf(error), `this record is not valid CSV: ${messageOf(error)}`));
        return undefined;
      },
    });
    const input = Readable.from(this.input.checked(bad, signal));
    input.once('error', (error) => parser.destroy(error));
    input.pipe(parser);
    const report = (): void => {
      for (const problem of problems.splice(0)) bad(problem);
    };
    try {
      for await (const first of parser as AsyncIterable<unknown>) {
        const entries = [toEntry(first)];
        // What the parser has ready belongs to the same portion.
        for (let next: unknown = parser.read(); next !== null; next = parser.read()) entries.push(toEntry(next));
        report();
        yield entries;
      }
      report();
    } catch (error) {
      if (error instanceof BadInput || signal?.aborted === true) throw error;
      throw new BadInput(this.name, lineOf(error), `this is not valid CSV: ${messageOf(error)}`);
    } finally {
      input.destroy();
    }
  }

  #checkedHeader(header: string[]): string[] {
    const twice = header.find((name, i) => header.indexOf(name) !== i);
    if (twice === undefined) return header;
    throw new BadInput(this.name, 1, `the header names the column ${JSON.stringify(twice)} twice`);
  }
}

const entryOf = (record: unknown): Entry => ({ value: record, line: undefined });

function entryWithLine(parsed: unknown): Entry {
  const { record, info } = parsed as Parsed;
  return { value: record, line: info.lines };
}

function lineOf(error: unknown): number | undefined {
  const lines: unknown = error instanceof Error ? (error as Error & { lines?: unknown }).lines : undefined;
  return typeof lines === 'number' ? lines : undefined;
}
