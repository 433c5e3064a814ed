import type { SubmitOptions, TaskClient } from 'tasker-distributed';
import { isTaskerError } from 'tasker';
import { encodeResult } from '../basics/encoded-result.ts';
import type { Item } from '../input/item.ts';
import type { LineWriter } from '../output/line-writer.ts';
import { resultLine } from '../output/result-line.ts';
import type { Outcome } from '../output/result-line.ts';
import type { AnyTask } from '../process/store.ts';
import { itemId, newRunId } from '../work/item-id.ts';
import { reportIn } from '../work/item-tasks.ts';
import type { ItemOutcome } from '../work/item-tasks.ts';
import type { SubmitSettings } from './settings.ts';
import type { Target } from './target.ts';

/** Most results that are waited for at a time. */
const MOST = 1_000;

/** Tasks on their way into a store, and a line for each: its id, or what became of it. */
export class Submission {
  readonly #client: TaskClient<Record<string, AnyTask>>;
  readonly #target: Target;
  readonly #settings: SubmitSettings;
  readonly #out: LineWriter;
  readonly #run = newRunId();
  readonly #waits = new Set<Promise<void>>();
  submitted = 0;
  failed = 0;

  constructor(client: TaskClient<Record<string, AnyTask>>, target: Target, settings: SubmitSettings, out: LineWriter) {
    this.#client = client;
    this.#target = target;
    this.#settings = settings;
    this.#out = out;
  }

  /** Resolves when the store has them. */
  async add(items: readonly Item[]): Promise<void> {
    for (let i = 0; i < items.length; i += MOST) await this.#addSome(items.slice(i, i + MOST));
  }

  /** Resolves when all that is waited for has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#waits);
  }

  async #addSome(items: readonly Item[]): Promise<void> {
    await this.settled();
    const answers = await Promise.allSettled(items.map((item) => this.#submit(item)));
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'rejected') continue;
      this.submitted++;
      if (this.#settings.wait) this.#wait(answer.value, items[i]);
      else this.#out.write(answer.value);
    }
    const refused = answers.find((answer) => answer.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    await this.#out.room();
  }

  #submit({ index, value }: Item): Promise<string> {
    const { priority, delay, timeout, dedupe, once } = this.#settings;
    const options: SubmitOptions = { id: itemId(this.#run, index), priority, delay, timeout, dedupe };
    return this.#client.submit(this.#target.name, value, { ...options, ...(once && { retry: false }) });
  }

  #wait(id: string, item: Item | undefined): void {
    const { index = 0, value: input } = item ?? {};
    const submittedAt = performance.now();
    const line = (outcome: Pick<Outcome, 'end'> & Partial<Outcome>): void => {
      const { text, error } = resultLine({ index, input, finishedAt: Date.now(), ...outcome });
      if (error !== undefined) this.failed++;
      this.#out.write(text);
    };
    const wait = this.#client.result(id).then(
      (value) =>
        line(
          this.#target.isItem ? ofItem(value as ItemOutcome, submittedAt) : { end: { result: encodeResult(value) } },
        ),
      (thrown: unknown) => {
        const error = isTaskerError(thrown, 'RETRIES_EXHAUSTED') ? thrown.cause : thrown;
        line({ end: { error }, ...reportIn(error) });
      },
    );
    this.#waits.add(wait);
    void wait.finally(() => this.#waits.delete(wait));
  }
}

function ofItem(outcome: ItemOutcome, submittedAt: number): Pick<Outcome, 'end'> & Partial<Outcome> {
  const { attempts, runMs, finishedAt } = outcome;
  const result = 'notJson' in outcome ? { notJson: outcome.notJson } : encodeResult(outcome.result);
  return { end: { result }, attempts, waitMs: performance.now() - submittedAt - runMs, runMs, finishedAt };
}
