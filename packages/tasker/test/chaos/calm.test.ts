import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calm } from '../../src/flow/calm.ts';
import { live } from './life.ts';

const { look } = Calm.prototype;
const { stackTraceLimit } = Error;

beforeEach(() => {
  Error.stackTraceLimit = 0; // twice as fast
});

afterEach(() => {
  vi.restoreAllMocks();
  Error.stackTraceLimit = stackTraceLimit;
});

/** Lines of one instant in the order of the alphabet: who of one instant comes first is promised to nobody. */
function byInstant(log: readonly string[]): readonly string[] {
  const instant = (line: string): string => line.slice(0, line.indexOf('  ', line.search(/\S/)));
  const instants: string[][] = [];
  for (const line of log) {
    const last = instants.at(-1);
    if (last?.[0] !== undefined && instant(last[0]) === instant(line)) last.push(line);
    else instants.push([line]);
  }
  return instants.flatMap((lines) => lines.toSorted());
}

/** What the books and the manager say of one life. */
async function told(seed: number, isBlocking: boolean): Promise<readonly string[]> {
  const { log, met } = await live(seed, { isVerbose: true, isUndisturbed: true, isBlocking });
  // How many tasks are a low load is asked when that may matter: a resize is heeded a little sooner or later.
  return byInstant(met.has('resize()') ? log.map((line) => line.replace(/"serviceTimeInflation":[^}]*/, '')) : log);
}

describe.each([
  ['take no time of the thread', false],
  ['block the thread', true],
])('that a dispatcher is calm, where tasks %s', (_, isBlocking) => {
  it('changes nothing that can be seen: each life goes as it does when everybody is asked for each task', async () => {
    let calms = 0;
    for (let seed = 1; seed <= 150; seed++) {
      vi.spyOn(Calm.prototype, 'look').mockImplementation(function (this: Calm<unknown>, now) {
        look.call(this, now);
        if (this.until > now) calms++;
      });
      const calm = await told(seed, isBlocking);
      vi.spyOn(Calm.prototype, 'look').mockImplementation(function (this: Calm<unknown>, now) {
        look.call(this, now);
        this.disturb();
      });
      const restless = await told(seed, isBlocking);
      const at = calm.findIndex((line, i) => line !== restless[i]);
      const differ = `life ${seed}, from line ${at}`;
      expect(calm.slice(at, at + 3), differ).toEqual(restless.slice(at, at + 3));
      expect(calm.length, differ).toBe(restless.length);
    }
    expect(calms).toBeGreaterThan(1_000);
  }, 60_000);
});
