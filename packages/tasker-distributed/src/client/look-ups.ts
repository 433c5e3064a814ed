import { within } from '../basics/within.ts';
import { DistributedError } from '../basics/distributed-error.ts';
import type { Look } from '../engine/engine.ts';

/** Milliseconds until the first look at a task, the second one and so on; all later ones after the last. */
const DELAYS = [250, 500, 1_000, 2_000, 4_000, 5_000] as const;
/** Milliseconds between two rounds. */
const ROUND = 250;
/** Tasks looked at in one round: what bounds the load of a submitter that waits for many. */
const MOST_AT_ONCE = 200;
/** A store that does not answer for so long is not there. */
const ANSWER_TIMEOUT = 5_000;

/**
 * Looks, again and again, where tasks are: an event that tells of their end may get lost. One timer for all. A task goes down the lanes,
 * each with a longer delay; within a lane whoever came first is due first, so a round takes from the fronts.
 */
export class LookUps {
  readonly #look: (id: string) => Promise<Look>;
  readonly #found: (id: string, look: Look) => void;
  readonly #lost: (error: DistributedError) => void;
  readonly #storeTimeout: number;
  /** When each is due, by lane. */
  readonly #lanes: readonly Map<string, number>[] = DELAYS.map(() => new Map<string, number>());
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Since when the store has not answered. */
  #silentSince: number | undefined;

  constructor(
    look: (id: string) => Promise<Look>,
    storeTimeout: number,
    found: (id: string, look: Look) => void,
    lost: (error: DistributedError) => void,
  ) {
    this.#look = look;
    this.#storeTimeout = storeTimeout;
    this.#found = found;
    this.#lost = lost;
  }

  add(id: string): void {
    this.#enter(id, 0);
    this.#arm();
  }

  /** Looks at once, and later. */
  async addNow(id: string): Promise<void> {
    this.add(id);
    await this.#lookAt(id);
  }

  delete(id: string): void {
    for (const lane of this.#lanes) if (lane.delete(id)) break;
    if (this.#isEmpty) this.clear();
  }

  clear(): void {
    for (const lane of this.#lanes) lane.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #isEmpty(): boolean {
    return this.#lanes.every((lane) => lane.size === 0);
  }

  #enter(id: string, lane: number): void {
    this.#lanes[lane]?.set(id, performance.now() + (DELAYS[lane] ?? 0));
  }

  /** The timer runs, and holds the process, while somebody waits. */
  #arm(): void {
    if (this.#timer !== undefined || this.#isLooking || this.#isEmpty) return;
    this.#timer = setTimeout(() => void this.#round(), ROUND);
  }

  async #round(): Promise<void> {
    this.#timer = undefined;
    this.#isLooking = true;
    await Promise.all(this.#takeDue().map((id) => this.#lookAt(id)));
    this.#isLooking = false;
    this.#arm();
  }

  /** Those due, each moved to its next lane: before the answer, so that whoever is settled meanwhile does not come back. */
  #takeDue(): readonly string[] {
    const now = performance.now();
    const due = new Map<string, number>();
    for (const [i, lane] of this.#lanes.entries()) {
      for (const [id, at] of lane) {
        if (at > now || due.size === MOST_AT_ONCE) break;
        due.set(id, i);
      }
    }
    for (const [id, lane] of due) {
      this.#lanes[lane]?.delete(id);
      this.#enter(id, Math.min(lane + 1, DELAYS.length - 1));
    }
    return [...due.keys()];
  }

  async #lookAt(id: string): Promise<void> {
    const askedAt = performance.now();
    const limit = Math.min(ANSWER_TIMEOUT, this.#storeTimeout);
    try {
      const look = await within(limit, this.#look(id), () => new Error(`no answer in ${limit} ms`));
      this.#silentSince = undefined;
      this.#found(id, look);
    } catch (error) {
      this.#silentSince ??= askedAt;
      if (performance.now() - this.#silentSince < this.#storeTimeout) return;
      this.#silentSince = undefined;
      const message = `the store has not answered for ${this.#storeTimeout} ms: the task may have run, or still run`;
      this.#lost(new DistributedError('STORE_UNREACHABLE', message, { cause: error }));
    }
  }
}
