import { excerptOfJson } from './excerpt.ts';

/** An item that took long. */
export interface SlowItem {
  readonly index: number;
  readonly runMs: number;
  readonly ok: boolean;
  readonly attempts: number;
  readonly input: string;
}

/** An item that was run. */
interface Ended {
  readonly index: number;
  readonly input?: unknown;
  readonly ok: boolean;
}

const MOST = 10;

/** The items whose last run took longest, the slowest first. */
export class Slowest {
  readonly items: SlowItem[] = [];

  add({ index, input, ok }: Ended, runMs: number, attempts: number): void {
    if (this.items.length === MOST && runMs <= (this.items.at(-1)?.runMs ?? 0)) return;
    const place = this.items.findIndex((item) => item.runMs < runMs);
    this.items.splice(place < 0 ? this.items.length : place, 0, {
      index,
      runMs,
      ok,
      attempts,
      input: excerptOfJson(input),
    });
    this.items.length = Math.min(this.items.length, MOST);
  }
}
