/** So many renewals go into a lock. */
const RENEWALS = 3;

/**
 * Renews the locks of the tasks that run here. BullMQ does so by the clock on the wall: where that is put back by an hour, it renews none for an
 * hour.
 */
export class LockKeeper {
  readonly #tokens = new Map<string, string>();
  readonly #renew: (ids: string[], tokens: string[]) => Promise<readonly string[]>;
  readonly #lost: (ids: readonly string[]) => void;
  readonly #timer: NodeJS.Timeout;

  /** `renew` resolves with those that are somebody else's by now. */
  constructor(
    lock: number,
    renew: (ids: string[], tokens: string[]) => Promise<readonly string[]>,
    lost: (ids: readonly string[]) => void,
  ) {
    this.#renew = renew;
    this.#lost = lost;
    this.#timer = setInterval(() => void this.#renewAll(), lock / RENEWALS);
    this.#timer.unref(); // the worker of BullMQ holds the process; where its store stays away, its close, and so the stop here, never comes
  }

  keep(id: string, token: string): void {
    this.#tokens.set(id, token);
  }

  leave(id: string, token: string): void {
    if (this.#tokens.get(id) === token) this.#tokens.delete(id);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #renewAll(): Promise<void> {
    if (this.#tokens.size === 0) return;
    const lost = await this.#renew([...this.#tokens.keys()], [...this.#tokens.values()]).catch(() => []); // another time
    const mine = lost.filter((id) => this.#tokens.delete(id));
    if (mine.length > 0) this.#lost(mine);
  }
}
