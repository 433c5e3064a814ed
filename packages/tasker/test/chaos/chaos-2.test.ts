import { describe, expect, it } from 'vitest';
import { sweep } from './sweep.ts';

describe('chaos, lives 5001 to 10000', () => {
  it('whatever hooks, resources and callers do, every promise settles and every resource is destroyed once', async () => {
    const situations = await sweep(5001, 5000);
    expect(situations.lives).toBe(5000);
  }, 300_000);
});
