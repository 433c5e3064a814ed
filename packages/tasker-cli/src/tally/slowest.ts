import type { EndedItem } from './ended-item.ts';
import { excerptOfJson } from './excerpt.ts';

/** An item that took long. */
export interface SlowItem {
  readonly index: number;
  readonly runMs: number;
  readonly ok: boolean;
  readonly input: string;
}

const MOST = 10;

/** The items whose last run took longest, the slowest first. */
export class Slowest {
  readonly items: SlowItem[] = [];

  add({ index, input, error }: EndedItem, runMs: number): void {
    const last = this.items[MOST - 1];
    if (last !== undefined && runMs <= last.runMs) return;
    const place = this.items.findIndex((item) => item.runMs < runMs);
    const item = { index, runMs, ok: error === undefined, input: excerptOfJson(input) };
    this.items.splice(place < 0 ? this.items.length : place, 0, item);
    this.items.length = Math.min(this.items.length, MOST);
  }
}
