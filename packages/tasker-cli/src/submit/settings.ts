import type { OnBadInput } from '../input/items.ts';

/** What `tasker submit` is asked to do. Durations are milliseconds. */
export interface SubmitSettings {
  /** Undefined if the task is named. */
  readonly module: string | undefined;
  readonly name: string | undefined;
  readonly url: string;
  readonly queue: string | undefined;
  /** Values on the command line. */
  readonly inputs: readonly string[];
  /** Files, `-` for standard input. */
  readonly lines: string | undefined;
  readonly jsonl: string | undefined;
  readonly csv: string | undefined;
  readonly delimiter: string | undefined;
  readonly onBadInput: OnBadInput;
  readonly priority: number | undefined;
  readonly delay: number | undefined;
  readonly timeout: number | undefined;
  readonly dedupe: string | undefined;
  readonly once: boolean;
  /** Whether results are waited for. */
  readonly wait: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}
