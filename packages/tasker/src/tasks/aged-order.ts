import { PrioritySearchTree } from '../primitives/priority-search-tree.ts';
import type { TreeNode } from '../primitives/priority-search-tree.ts';
import type { KeyGate } from './keys.ts';
import type { Lane, StartOrder } from './lane.ts';

/** What a task counts as some time after its submission: its rank is `base` plus the same for all, or one less. */
interface Aged {
  /** Its priority less the full steps of the clock before its submission. */
  base: number;
  /** Time from the last full step of the clock to its submission. */
  phase: number;
}

/** The first task of a lane. */
interface Entry<R> extends Aged {
  readonly lane: Lane<R>;
  /** Place between equals: of submission, or of the return of a retry. */
  readonly order: number;
}

/** The lanes of one key, or of retries, whose priorities differ by whole numbers: they may come to be equals. */
class Group<R> implements Aged {
  base = 0;
  phase = 0;
  readonly name: number;
  readonly gate: KeyGate | undefined;
  readonly isRetry: boolean;
  readonly entries: PrioritySearchTree<Entry<R>> = new PrioritySearchTree<Entry<R>>(
    (a, b) => a.base > b.base || (a.base === b.base && a.order < b.order),
  );
  /** When its turn is, between equals; that of retries is the return of the first. */
  turn: number;
  node: TreeNode<Group<R>> | undefined = undefined;

  constructor(name: number, gate: KeyGate | undefined, isRetry: boolean, turn: number) {
    this.name = name;
    this.gate = gate;
    this.isRetry = isRetry;
    this.turn = turn;
  }
}

/**
 * The order with aging: the highest rank, there the retries, first in first out, then the key whose turn was longest ago,
 * and of each key the task submitted first. All of it is O(log lanes), at any moment exactly.
 *
 * A task's rank is `priority + floor((now - queuedAt) / aging)`. All ranks rise by one within each step of the clock, each
 * at its own phase. So it is enough to know the best of those whose phase has come, and of those whose has not:
 *
 * ```
 *   clock    ├─────────── step ───────────┼──────────●now
 *   phase                                  A   C  D     B     A, C, D have made this step: rank `base`; B: `base - 1`
 * ```
 *
 * Two such trees: one of the first tasks of each key, and one of the keys, each at the place of its task with the highest
 * rank, which is the same at any time. With aging each retry is a lane of its own, since an older one may come later.
 * Where keys may be held back, too, retries are grouped by key, and between keys of one rank the return of the oldest decides.
 */
export class AgedOrder<R> implements StartOrder<R> {
  readonly #aging: number;
  readonly #isGated: boolean;
  readonly #isOpen: (gate: KeyGate) => boolean;
  /** Those that may start. */
  readonly #open = new PrioritySearchTree<Group<R>>((a, b) => a.base > b.base || (a.base === b.base && isAhead(a, b)));
  /** By key, and there by name. */
  readonly #groups = new Map<KeyGate | undefined, Map<number, Group<R>>>();
  readonly #nodes = new Map<Lane<R>, TreeNode<Entry<R>>>();
  #turns = 0;

  /** `isOpen` tells whether the key may start one more task; asked only if keys may be held back. */
  constructor(aging: number, isGated: boolean, isOpen: (gate: KeyGate) => boolean) {
    this.#aging = aging;
    this.#isGated = isGated;
    this.#isOpen = isOpen;
  }

  changed(lane: Lane<R>): void {
    if (this.#nodes.get(lane)?.value.order !== orderOf(lane)) this.#update(lane, this.#group(lane));
  }

  served(lane: Lane<R>): void {
    const group = this.#group(lane);
    group.turn = ++this.#turns;
    this.#update(lane, group);
  }

  gateChanged(gate: KeyGate): void {
    for (const group of this.#groups.get(gate)?.values() ?? []) this.#list(group);
  }

  firstOf(gate: KeyGate, now: number): Lane<R> | undefined {
    const { phase } = this.#aged(0, now);
    const rank = (entry: Entry<R>): number => (entry.phase <= phase ? entry.base : entry.base - 1);
    let first: Entry<R> | undefined;
    for (const { entries, isRetry } of this.#groups.get(gate)?.values() ?? []) {
      const entry = firstOf(entries, phase, isBefore);
      const lead = entry === undefined || first === undefined ? 0 : rank(entry) - rank(first);
      if (first === undefined || lead > 0 || (lead === 0 && isRetry)) first = entry ?? first;
    }
    return first?.lane;
  }

  next(now: number): Lane<R> | undefined {
    const { phase } = this.#aged(0, now);
    const group = firstOf(this.#open, phase, isAhead);
    return group && firstOf(group.entries, phase, isBefore)?.lane;
  }

  #update(lane: Lane<R>, group: Group<R>): void {
    const { first } = lane.tasks;
    const node = this.#nodes.get(lane);
    const order = orderOf(lane);
    if (node !== undefined) {
      group.entries.remove(node);
      this.#nodes.delete(lane);
    }
    if (first !== undefined && order !== undefined) {
      const entry = { ...this.#aged(lane.priority, first.queuedAt), lane, order };
      this.#nodes.set(lane, group.entries.add(entry.phase, entry));
    }
    this.#list(group);
  }

  /** Puts a group where its tasks have it, if it may start one. */
  #list(group: Group<R>): void {
    const { gate, entries } = group;
    if (group.node !== undefined) this.#open.remove(group.node);
    group.node = undefined;
    const { best } = entries;
    if (best === undefined) {
      this.#forget(group);
    } else if (gate === undefined || !this.#isGated || this.#isOpen(gate)) {
      const oldest = entries.lowest((entry) => entry.base === best.base) ?? best;
      group.base = oldest.base;
      group.phase = oldest.phase;
      if (group.isRetry) group.turn = oldest.order;
      group.node = this.#open.add(group.phase, group);
    }
  }

  #group(lane: Lane<R>): Group<R> {
    let ofKey = this.#groups.get(lane.gate);
    if (ofKey === undefined) {
      ofKey = new Map();
      this.#groups.set(lane.gate, ofKey);
    }
    const name = groupName(lane);
    let group = ofKey.get(name);
    if (group === undefined) {
      group = new Group(name, lane.gate, lane.isRetry, ++this.#turns);
      ofKey.set(name, group);
    }
    return group;
  }

  #forget(group: Group<R>): void {
    const ofKey = this.#groups.get(group.gate);
    ofKey?.delete(group.name);
    if (ofKey?.size === 0) this.#groups.delete(group.gate);
  }

  #aged(priority: number, at: number): Aged {
    const steps = Math.floor(at / this.#aging);
    return { base: priority - steps, phase: at - steps * this.#aging };
  }
}

/** The place of a lane's first task between equals; undefined if it has none. */
function orderOf<R>({ tasks, isRetry }: Lane<R>): number | undefined {
  return isRetry ? tasks.first?.extras?.entered : tasks.first?.sequence;
}

/** What a lane's group is called among those of its key: the fraction of the priority, and below 0 for retries. */
function groupName<R>({ priority, isRetry }: Lane<R>): number {
  const fraction = priority - Math.floor(priority);
  return isRetry ? -1 - fraction : fraction;
}

/** The first of all when the clock is at that phase of its step; `isAhead` decides between equals. */
function firstOf<T extends Aged>(
  tree: PrioritySearchTree<T>,
  phase: number,
  isAhead: (a: T, b: T) => boolean,
): T | undefined {
  const raised = tree.upTo(phase);
  const later = tree.above(phase);
  if (raised === undefined || later === undefined) return raised ?? later;
  const difference = raised.base - (later.base - 1);
  if (difference !== 0) return difference > 0 ? raised : later;
  return isAhead(later, raised) ? later : raised;
}

function isBefore<R>(a: Entry<R>, b: Entry<R>): boolean {
  return a.order < b.order;
}

function isAhead<R>(a: Group<R>, b: Group<R>): boolean {
  return a.isRetry === b.isRetry ? a.turn < b.turn : a.isRetry;
}
