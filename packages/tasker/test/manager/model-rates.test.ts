import type { RateLimit, TaskHandle } from 'tasker';
import { describe, expect, it } from 'vitest';
import fc from '../support/fast-check.ts';
import { start, watch } from '../support/harness.ts';

/** One task, and what its caller does to it. No two have the same priority: then it is known who is first. */
interface Plan {
  readonly at: number;
  readonly ms: number;
  readonly cost: number;
  readonly key: string | undefined;
  readonly priority: number;
  /** After its submission; Infinity = never. */
  readonly cancelAfter: number;
  readonly moveAfter: number;
  readonly movedTo: number;
}

interface Setup {
  readonly workerCount: number;
  readonly keyConcurrency: number | undefined;
  readonly rate: readonly RateLimit[];
  readonly keyRate: readonly RateLimit[];
  readonly plans: readonly Plan[];
}

/** The number of a task, and when it starts. */
type Start = readonly [task: number, at: number];

/** What starts when, looked up in lists anew at each instant at which anything happens. */
function expected({ workerCount, keyConcurrency = Infinity, rate, keyRate, plans }: Setup): Start[] {
  const starts: Start[] = [];
  const waiting = new Map<number, number>();
  const endOf = ([task, at]: Start): number => at + (plans[task]?.ms ?? 0);
  const costOf = (task: number): number => plans[task]?.cost ?? 1;
  const keyOf = (task: number): string | undefined => plans[task]?.key;

  /** When one more of that cost may start after those. */
  const opensAt = (limits: readonly RateLimit[], before: readonly Start[], cost: number): number => {
    if (cost === 0) return -Infinity;
    const opens = limits.map(({ limit, interval, burst = 1 }) => {
      const spacing = interval / limit;
      const tat = before.reduce((time, [task, at]) => Math.max(time, at) + costOf(task) * spacing, -Infinity);
      return tat - Math.max(0, burst - cost) * spacing;
    });
    return Math.max(-Infinity, ...opens);
  };
  const ofKey = (key: string): Start[] => starts.filter(([task]) => keyOf(task) === key);
  const byPriority = (): number[] => [...waiting].toSorted((a, b) => b[1] - a[1]).map(([task]) => task);

  /** Starts what may start; returns when that may be more, though nothing else happens. */
  const dispatch = (now: number): number => {
    for (;;) {
      let next = Infinity;
      const seen = new Set<string>();
      const first = byPriority().find((task) => {
        const key = keyOf(task);
        if (key === undefined) return true;
        if (seen.has(key)) return false;
        seen.add(key); // only the first of a key
        if (ofKey(key).filter((one) => endOf(one) > now).length >= keyConcurrency) return false;
        const opens = opensAt(keyRate, ofKey(key), costOf(task));
        if (opens > now) next = Math.min(next, opens);
        return opens <= now;
      });
      if (first === undefined) return next;
      const opens = opensAt(rate, starts, costOf(first));
      if (opens > now) return Math.min(next, opens);
      if (starts.filter((one) => endOf(one) > now).length >= workerCount) return next;
      waiting.delete(first);
      starts.push([first, now]);
    }
  };

  const calls = plans.flatMap(({ at, priority, cancelAfter, moveAfter, movedTo }, task) => [
    { at, make: () => void waiting.set(task, priority) },
    { at: at + cancelAfter, make: () => void waiting.delete(task) },
    { at: at + moveAfter, make: () => void (waiting.has(task) && waiting.set(task, movedTo)) },
  ]);
  let opens = Infinity;
  for (let now = 0; ;) {
    now = Math.min(...[opens, ...calls.map(({ at }) => at), ...starts.map(endOf)].filter((time) => time > now));
    if (now === Infinity) return starts;
    for (const { at, make } of calls) {
      if (at !== now) continue;
      make();
      dispatch(now);
    }
    opens = dispatch(now);
  }
}

async function real({ plans, ...config }: Setup): Promise<Start[]> {
  const { manager, clock, sleep } = await start({ scaling: 'off', ...config });
  const since = clock.now();
  const starts: Start[] = [];
  const later = (ms: number, call: () => void): unknown => clock.setTimeout(call, ms);
  const run = (task: number, ms: number) => (): Promise<void> => {
    starts.push([task, clock.now() - since]);
    return sleep(ms);
  };
  for (const [task, { at, ms, priority, key, cost, cancelAfter, moveAfter, movedTo }] of plans.entries()) {
    later(at, () => {
      const handle: TaskHandle<void> = manager.submit(run(task, ms), { priority, cost, key });
      watch(handle.result);
      later(cancelAfter, () => handle.state === 'queued' && handle.cancel());
      later(moveAfter, () => (handle.priority = movedTo));
    });
  }
  await clock.advance(100_000);
  return starts;
}

const limit = fc.record({
  limit: fc.constantFrom(1, 3, 7.5),
  interval: fc.constantFrom(10, 40, 101),
  burst: fc.constantFrom(1, 1.5, 3),
});
const limits = fc.array(limit, { maxLength: 2 });
const plan = fc.record({
  at: fc.nat(300),
  ms: fc.nat(60),
  cost: fc.constantFrom(1, 1, 0, 0.3, 2, 5),
  key: fc.constantFrom(undefined, 'x', 'y'),
  priority: fc.integer({ min: -3, max: 3 }),
  cancelAfter: fc.oneof({ arbitrary: fc.constant(Infinity), weight: 3 }, { arbitrary: fc.nat(60), weight: 1 }),
  moveAfter: fc.oneof({ arbitrary: fc.constant(Infinity), weight: 3 }, { arbitrary: fc.nat(60), weight: 1 }),
  movedTo: fc.integer({ min: -3, max: 3 }),
});
/** Nothing happens by chance at one instant that depends on who comes first then, and nobody has the priority of another. */
const plans = fc.array(plan, { minLength: 1, maxLength: 20 }).map((all) =>
  all.map((one, i) => ({
    ...one,
    at: one.at + 0.0917,
    ms: one.ms + 0.1 + i * 0.0037,
    cancelAfter: one.cancelAfter + 0.2 + i * 0.0041,
    moveAfter: one.moveAfter + 0.3 + i * 0.0043,
    priority: one.priority + i * 0.01,
    movedTo: one.movedTo + 0.005 + i * 0.01,
  })),
);
const setup = fc.record({
  workerCount: fc.integer({ min: 1, max: 4 }),
  keyConcurrency: fc.constantFrom(undefined, 1, 2),
  rate: limits,
  keyRate: limits,
  plans,
});

const rounded = (starts: readonly Start[]): Start[] => starts.map(([task, at]) => [task, Math.round(at * 1e6) / 1e6]);

describe('tasks under rates, with keys and priorities', () => {
  it('start when a naive model starts them, and no other than those', async () => {
    await fc.assert(
      fc.asyncProperty(setup, async (given) => {
        expect(rounded(await real(given))).toEqual(rounded(expected(given)));
      }),
      { numRuns: 300 },
    );
  });
});
