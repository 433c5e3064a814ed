import { describe, expect, it } from 'vitest';
import { REACHED } from './reached.ts';
import { sweep } from './sweep.ts';

describe('chaos, lives 1 to 5000', () => {
  it('whatever hooks, resources and callers do, every promise settles and every resource is destroyed once', async () => {
    const situations = await sweep(1, 5000);
    expect(situations.lives).toBe(5000);
    const missed = REACHED.filter((situation) => situations.count(situation) === 0);
    expect(missed, 'what the chaos did not reach').toEqual([]);
  }, 300_000);
});
