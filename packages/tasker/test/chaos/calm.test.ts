import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calm } from '../../src/flow/calm.ts';
import { live } from './life.ts';

type Look = (this: Calm<unknown>, now: number) => void;

const look = Object.getOwnPropertyDescriptor(Calm.prototype, 'look')?.value as Look;

/** Does something at the end of each look. */
function afterLook(act: (calm: Calm<unknown>, now: number) => void): void {
  vi.spyOn(Calm.prototype, 'look').mockImplementation(function (this: Calm<unknown>, now) {
    look.call(this, now);
    act(this, now);
  });
}

const instantOf = (line: string): string => line.slice(0, line.indexOf('  ', line.search(/\S/)));

/** Lines of one instant in the order of the alphabet: who of one instant comes first is promised to nobody. */
function byInstant(log: readonly string[]): readonly string[] {
  const instants: string[][] = [];
  for (const line of log) {
    const last = instants.at(-1);
    if (last?.[0] !== undefined && instantOf(last[0]) === instantOf(line)) last.push(line);
    else instants.push([line]);
  }
  return instants.flatMap((lines) => lines.toSorted());
}

/** What the books and the manager say of one life. */
async function told(seed: number, isBusy: boolean): Promise<readonly string[]> {
  const { log, met } = await live(seed, { isVerbose: true, isUndisturbed: true, isBusy });
  // How many tasks are a low load is asked when that may matter: a resize is heeded a little sooner or later.
  return byInstant(met.has('resize()') ? log.map((line) => line.replace(/"serviceTimeInflation":[^}]*/, '')) : log);
}

const { stackTraceLimit } = Error;

beforeEach(() => {
  Error.stackTraceLimit = 0; // twice as fast
});

afterEach(() => {
  vi.restoreAllMocks();
  Error.stackTraceLimit = stackTraceLimit;
});

describe.each([
  ['some tasks', false],
  ['many short tasks', true],
])('that a dispatcher is calm, in lives of %s', (_, isBusy) => {
  it('changes nothing that can be seen: each goes as it does when everybody is asked for each task', async () => {
    let calms = 0;
    for (let seed = 1; seed <= 120; seed++) {
      afterLook(({ until }, now) => {
        if (until > now) calms++;
      });
      const calm = await told(seed, isBusy);
      afterLook((each) => each.disturb());
      const restless = await told(seed, isBusy);
      const at = calm.findIndex((line, i) => line !== restless[i]);
      const where = `life ${seed}, from line ${at}`;
      expect(calm.slice(at, at + 3), where).toEqual(restless.slice(at, at + 3));
      expect(calm.length, where).toBe(restless.length);
    }
    expect(calms).toBeGreaterThan(500);
  }, 60_000);
});
