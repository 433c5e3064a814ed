import { describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from '../../src/scaling/concurrency-limit.ts';
import type { Seen } from '../../src/scaling/concurrency-limit.ts';

const TICK = 100;

/** How many tasks at once do how much: of `n` tasks, all together, in units of one alone. */
const cores = (count: number) => (n: number) => Math.min(n, count);
/** Beyond so many each further one costs 5 % of the whole. */
const thrashing = (count: number) => (n: number) => (n <= count ? n : count / (1 + 0.05 * (n - count)));

/** One of so many tasks is refused as soon as it has begun. */
const refusal = (running: number, now: number) => ({ running, now, startedAt: now, isDirect: false, held: 0 });

interface World {
  together: (n: number) => number;
  /** Mean duration of a task that is alone, ms; durations are exponential. */
  alone: number;
  /** What is known of low load. */
  calm: Pick<Seen, 'calm' | 'calmRuns' | 'isCalmLow'>;
  least: number;
  most: number;
  /** So many run on and on, whatever the limit. */
  hold: number;
  mustPay: boolean;
}

/** A bottleneck without chance, which the law sees at its ticks. As many run as may. */
class Bottleneck {
  readonly law: ConcurrencyLimit;
  readonly world: World;
  now = 0;
  ended = 0;
  /** Each limit and since when. */
  readonly limits: [at: number, limit: number][] = [];

  constructor(world: Partial<World> = {}) {
    const calm = { calm: world.alone ?? 50, calmRuns: 200, isCalmLow: true };
    this.world = { together: cores(8), alone: 50, calm, least: 4, most: 32, hold: 0, mustPay: true, ...world };
    this.law = new ConcurrencyLimit(this.world.mustPay, TICK);
  }

  get running(): number {
    return Math.max(this.world.hold, Math.min(this.law.limit, this.world.most));
  }

  /** Runs per second. */
  get throughput(): number {
    return (this.world.together(this.running) * 1000) / this.world.alone;
  }

  /** Lets seconds pass in which tasks wait, or none. */
  pass(seconds: number, isNeeded = true): void {
    for (let left = seconds * 1000; left > 0; left -= TICK) {
      this.now += TICK;
      const { now, running, world, throughput } = this;
      if (isNeeded) this.ended += (throughput * TICK) / 1000;
      else if (left < seconds * 1000) continue; // no more ticks
      const mean = (running * 1000) / throughput;
      const { least, most, calm, alone } = world;
      const durations = Number.isFinite(mean)
        ? { mean, meanSquare: 2 * mean ** 2 }
        : { mean: alone, meanSquare: 2 * alone ** 2 };
      this.law.step({
        now,
        isNeeded,
        isFull: isNeeded,
        running,
        least,
        most,
        ended: this.ended,
        ...durations,
        ...calm,
      });
      if (this.law.limit !== (this.limits.at(-1)?.[1] ?? Infinity)) this.limits.push([now, this.law.limit]);
    }
  }
}

describe('a bottleneck that 8 tasks at once use up', () => {
  it('is given a third more than that, as soon as tasks have waited for 2 s', () => {
    const world = new Bottleneck();
    world.pass(2);
    expect(world.law.limit).toBe(Infinity);
    world.pass(0.2);
    expect([world.law.limit, world.law.settled]).toEqual([11, Infinity]);
    world.pass(20);
    expect([world.law.settled, world.throughput]).toEqual([11, 160]);
  });

  it('is not suspected where tasks take not even twice as long as when there are few', () => {
    const world = new Bottleneck({ together: cores(20) });
    world.pass(600);
    expect(world.limits).toEqual([]);
  });

  it('is given no fewer than the base workers and no fewer than a quarter of what ran', () => {
    const base = new Bottleneck({ least: 16 });
    base.pass(30);
    expect(base.law.settled).toBe(16);
    const quarter = new Bottleneck({ together: thrashing(2), least: 1, most: 64 });
    quarter.pass(4);
    expect(quarter.law.limit).toBe(16);
  });

  it('is asked for halves after a while where low load was never seen, until a half is too few', () => {
    for (const calm of [
      { calm: 0, calmRuns: 0, isCalmLow: false },
      { calm: 100, calmRuns: 500, isCalmLow: false },
    ]) {
      const world = new Bottleneck({ calm, together: cores(10) });
      world.pass(10);
      expect(world.limits).toEqual([]);
      world.pass(60);
      expect(world.limits.slice(0, 4).map(([, limit]) => limit)).toEqual([16, 8, 16, 24]);
      expect(world.law.settled).toBe(16);
    }
  });

  it('gets more again when it does more', () => {
    const world = new Bottleneck({ together: cores(4) });
    world.pass(60);
    expect(world.law.settled).toBeLessThanOrEqual(9);
    world.world.together = cores(16);
    world.pass(60);
    expect(world.throughput).toBe(320);
    expect(world.law.settled).toBeLessThanOrEqual(24);
  });

  it('gets more at once when the throughput rises by itself, whatever pause there is', () => {
    const world = new Bottleneck({ together: cores(4) });
    world.pass(120);
    const { settled } = world.law;
    const from = world.now;
    world.world.together = (n) => n; // which a limit of 6 shows at once
    world.pass(12);
    expect(world.law.limit).toBeGreaterThan(settled);
    expect((world.limits.find(([at]) => at > from)?.[0] ?? Infinity) - from).toBeLessThan(6_000);
  });
});

describe('tasks that have become longer', () => {
  const LONGER = {
    together: (n: number) => n,
    alone: 200,
    calm: { calm: 50, calmRuns: 200, isCalmLow: true },
  };

  it('are not held back: what is tried loses throughput, which takes a moment to see', () => {
    const world = new Bottleneck(LONGER);
    world.pass(30);
    expect(world.limits.map(([, limit]) => limit)).toEqual([11, Infinity]);
    const [[from], [to]] = world.limits as [[number, number], [number, number]];
    expect(to - from).toBeLessThanOrEqual(600);
  });

  it('are left alone after that, longer each time, up to 10 min', () => {
    const world = new Bottleneck(LONGER);
    world.pass(3_600);
    const tries = world.limits.filter(([, limit]) => limit < Infinity).map(([at]) => at);
    const pauses = tries.slice(1).map((at, i) => Math.round((at - (tries[i] ?? 0)) / 1000));
    for (const [i, least] of [30, 60, 120, 240, 480, 600, 600].entries()) {
      expect(pauses[i]).toBeGreaterThanOrEqual(least);
      expect(pauses[i]).toBeLessThanOrEqual(least + 5);
    }
  });

  it('lose no twentieth of their throughput', () => {
    const world = new Bottleneck(LONGER);
    world.pass(600);
    expect(world.ended).toBeGreaterThan(0.99 * 160 * 600);
  });
});

describe('more than pays', () => {
  it('is tried every 15 s at most, and given up at once where it harms', () => {
    const world = new Bottleneck({ together: thrashing(8) });
    world.pass(600);
    expect(world.law.settled).toBe(8);
    expect(world.ended).toBeGreaterThan(0.95 * 160 * 600);
    const tries = world.limits.filter(([, limit]) => limit === 12).map(([at]) => at);
    const pauses = tries.slice(3).map((at, i) => at - (tries[i + 2] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(15_000);
  });
});

describe('a try that nobody needs any more', () => {
  it('goes on if tasks wait again within 2 s, and is taken back if they do later', () => {
    for (const [gap, limit] of [
      [2, 11],
      [2.2, Infinity],
    ] as const) {
      const world = new Bottleneck();
      world.pass(2.3);
      expect(world.law.limit).toBe(11);
      world.pass(gap, false);
      world.law.need(4, world.now);
      expect(world.law.limit).toBe(limit);
    }
  });
});

describe('the limit', () => {
  it('is forgotten when nothing has waited for it for 30 s', () => {
    const world = new Bottleneck();
    world.pass(20);
    const { law, now } = world;
    expect(law.isOutdated(now + 29_900)).toBe(false);
    law.need(3, now + 29_900); // tasks wait, but for a worker
    expect([law.limit, law.isOutdated(now + 30_000)]).toEqual([11, true]);
    law.need(3, now + 30_000);
    expect([law.limit, law.settled]).toEqual([Infinity, Infinity]);
  });

  it('is forgotten when nothing ends under it: those that run may wait for others', () => {
    const world = new Bottleneck();
    world.pass(20);
    world.world.together = () => 0;
    world.pass(29);
    expect(world.law.settled).toBe(11);
    world.pass(2);
    expect(world.law.settled).toBe(Infinity);
  });

  it('is not tried again for 20 times as long as nothing ended under it', () => {
    const world = new Bottleneck();
    world.pass(20);
    world.world.together = () => 0;
    world.pass(31);
    world.world.together = cores(8);
    world.limits.length = 0;
    world.pass(590);
    expect(world.limits).toEqual([]);
    world.pass(30);
    expect(world.law.settled).toBe(11);
  });

  it('is not waited for where more than that run on and on', () => {
    const world = new Bottleneck({ hold: 16 });
    world.pass(2.3);
    expect(world.law.limit).toBe(11);
    world.pass(1);
    expect(world.law.limit).toBe(Infinity);
    world.limits.length = 0;
    world.pass(29);
    expect(world.limits).toEqual([]);
  });

  it('is not lowered where growth need not pay', () => {
    const world = new Bottleneck({ mustPay: false });
    world.pass(600);
    expect([world.limits, world.law.isWatchful]).toEqual([[], false]);
  });
});

describe('a refusal', () => {
  it('leaves three quarters of what runs, once a second', () => {
    const law = new ConcurrencyLimit(false, TICK);
    law.refused(refusal(20, 0));
    law.refused(refusal(19, 10));
    expect(law.limit).toBe(15);
    law.refused(refusal(15, 999));
    expect(law.limit).toBe(15);
    law.refused(refusal(15, 1_000));
    expect([law.limit, law.settled, law.isWatchful]).toEqual([11, 11, true]);
  });

  it('says nothing about the queues while none of their tasks runs', () => {
    const law = new ConcurrencyLimit(true, TICK);
    law.refused(refusal(0, 0));
    expect(law.limit).toBe(Infinity);
  });

  it('never leaves less than one, and never more than the limit was', () => {
    const law = new ConcurrencyLimit(true, TICK);
    law.refused(refusal(1, 0));
    expect(law.limit).toBe(1);
    law.refused(refusal(30, 5_000)); // more run still
    expect(law.limit).toBe(1);
  });

  it('is followed by tries to do more, which another one ends', () => {
    const world = new Bottleneck({ mustPay: false, together: (n) => n, most: 20 });
    world.law.refused(refusal(20, 0));
    world.pass(30);
    expect(world.law.limit).toBe(Infinity); // the throughput has grown each time
    world.law.refused(refusal(20, world.now));
    world.pass(5.3);
    expect([world.law.limit, world.law.settled]).toEqual([Infinity, 15]);
    world.law.refused(refusal(20, world.now));
    expect([world.law.limit, world.law.settled]).toEqual([15, 15]); // so many were not too much
    world.pass(9);
    expect(world.law.limit).toBe(15);
    world.law.refused(refusal(15, world.now));
    expect(world.law.limit).toBe(11);
  });

  it('has a service that refuses what is too much at once used nearly to its limit', () => {
    const world = new Bottleneck({ mustPay: false, together: (n) => Math.min(n, 6), most: 16 });
    const { law } = world;
    let done = 0;
    for (let second = 0; second < 120; second++) {
      world.pass(1);
      if (world.running > 6) law.refused(refusal(6, world.now)); // what was refused does not run
      if (second >= 20) done += world.throughput;
    }
    expect(done / 100 / (6 * (1000 / 50))).toBeGreaterThan(0.8);
  });

  it('is followed by more every 30 s without another where tasks are so long that no try has an end', () => {
    const world = new Bottleneck({ mustPay: false, alone: 10_000, together: (n) => n, most: 16 });
    world.law.refused(refusal(2, 0));
    world.pass(40);
    world.law.refused(refusal(2, world.now));
    world.pass(29);
    expect(world.law.limit).toBe(1);
    world.pass(6 * 31);
    expect(world.limits.map(([, limit]) => limit)).toEqual([1, 2, 1, 2, 3, 5, 8, 12, Infinity]);
  });

  it('of `runTask` is nothing that the queues lack', () => {
    const world = new Bottleneck({ mustPay: false, most: 20 });
    world.law.refused(refusal(20, 0));
    world.world.together = (n) => {
      for (let i = 0; i < 100; i++) world.law.refused({ ...refusal(n, -Infinity), isDirect: true });
      return n;
    };
    world.pass(30);
    expect(world.law.limit).toBe(Infinity);
  });

  it('leaves tasks beside what is held', () => {
    const law = new ConcurrencyLimit(false, TICK);
    law.refused({ ...refusal(16, 0), held: 8 });
    expect(law.limit).toBe(8 + 6);
    law.refused({ ...refusal(14, 1_000), held: 13 });
    expect(law.limit).toBe(13 + 1);
  });

  it('of a run that began before the last one that counted says nothing new', () => {
    const law = new ConcurrencyLimit(false, TICK);
    law.refused({ ...refusal(20, 60_000), startedAt: 0 });
    law.refused({ ...refusal(15, 70_000), startedAt: 59_999 });
    expect(law.limit).toBe(15);
    law.refused({ ...refusal(15, 80_000), startedAt: 70_000 });
    expect(law.limit).toBe(11);
  });

  it('is no throughput', () => {
    const world = new Bottleneck({ mustPay: false, together: cores(8), most: 20 });
    world.law.refused(refusal(11, 0));
    // Beyond 8 at once the other side refuses what is too much, in no time: more runs end, but no more get done.
    world.world.together = (n) => {
      const refused = Math.max(0, n - 8);
      for (let i = 0; i < refused * 2; i++) world.law.refused(refusal(n, -Infinity));
      return Math.min(n, 8) + refused;
    };
    world.pass(60);
    expect(world.law.settled).toBe(8);
  });
});
