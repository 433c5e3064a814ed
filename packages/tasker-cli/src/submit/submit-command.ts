import { ALL_WELL, SOME_FAILED, USAGE } from '../basics/exit-codes.ts';
import { countOf } from '../basics/numbers.ts';
import { keepForResults } from '../basics/standard-output.ts';
import { UsageError, codeOf, messageOf } from '../basics/usage-error.ts';
import { ArgumentSource } from '../input/arguments.ts';
import type { Source } from '../input/item.ts';
import { Items } from '../input/items.ts';
import { openSource } from '../input/open-source.ts';
import { LineWriter } from '../output/line-writer.ts';
import type { Messages } from '../process/messages.ts';
import { SkippedLines } from '../process/skipped-lines.ts';
import { WriteFailures } from '../process/write-failures.ts';
import type { SubmitSettings } from './settings.ts';
import { Submission } from './submission.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';

/** How long the store may be away. */
const STORE_TIMEOUT = 60_000;

/** `tasker submit`: tasks into a store, their ids or their results out. Resolves with the exit code; rejects with `UsageError`. */
export async function submitCommand(settings: SubmitSettings, messages: Messages): Promise<number> {
  const startedAt = performance.now();
  keepForResults();
  check(settings);
  const skipped = new SkippedLines(messages);
  const target = await targetOf(settings);
  const source = sourceOf(settings, target);
  const items = new Items(source, {
    onBadInput: settings.onBadInput,
    ...{ limit: Infinity, seed: undefined, check: () => {} },
  });
  if (items.isCheckable) for await (const _ of items.read(() => {}));
  const client = await target.store.connect(target.definition ?? [target.name], STORE_TIMEOUT);
  const failures = new WriteFailures();
  const out = LineWriter.standardOutput(failures.add);
  const submission = new Submission(client, target, settings, out);
  let problem: unknown;
  try {
    for await (const portion of items.read(skipped.add)) {
      await submission.add(portion);
      if (!failures.isEmpty) break;
    }
  } catch (error) {
    if (codeOf(error) === undefined && !(error instanceof UsageError)) throw error;
    problem = error;
  }
  await submission.settled();
  await out.end();
  await client.close();
  const { submitted, failed } = submission;
  if (problem !== undefined) messages.error(`error: ${messageOf(problem)}`);
  const ended = failed > 0 ? SOME_FAILED : ALL_WELL;
  const exitCode = failures.tell(messages, '') ?? (problem === undefined ? ended : USAGE);
  const durationMs = Math.round(performance.now() - startedAt);
  const results = settings.wait ? { ok: submitted - failed, failed } : {};
  const summary = { submitted, ...results, skipped: skipped.count, durationMs, exitCode };
  if (settings.json) messages.error(JSON.stringify(summary));
  else messages.note(`${countOf(submitted, 'task')} submitted${settings.wait ? `, ${failed} failed` : ''}`);
  return exitCode;
}

/** Inputs from one place; a task that takes none may be submitted without. */
function sourceOf(settings: SubmitSettings, { isItem }: Target): Source {
  const { inputs, lines, jsonl, csv } = settings;
  const hasFile = [lines, jsonl, csv].some((file) => file !== undefined);
  if (hasFile && inputs.length > 0) throw new UsageError('inputs come from one source: arguments, or a file');
  if (hasFile) return openSource({ ...settings, globs: [], priority: undefined }, []);
  if (inputs.length > 0) return new ArgumentSource(inputs);
  if (isItem) throw new UsageError('there are no inputs: name them, or give --lines FILE, --jsonl FILE or --csv FILE');
  return NO_INPUT;
}

const NO_INPUT: Source = {
  name: 'nothing',
  isRepeatable: true,
  async *read() {
    yield [{ value: undefined, line: undefined }];
  },
};

function check({ wait, url, dedupe, inputs, lines, jsonl, csv }: SubmitSettings): void {
  if (wait && url.startsWith('pglite:')) {
    throw new UsageError(
      '--wait would wait for ever: no other process can open pglite; tasker run --url runs what it submits',
    );
  }
  const isMany = inputs.length > 1 || [lines, jsonl, csv].some((file) => file !== undefined);
  if (dedupe !== undefined && isMany) throw new UsageError('--dedupe is for one input: a key stands for one task');
}
