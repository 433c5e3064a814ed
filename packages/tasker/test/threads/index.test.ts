import * as threads from 'tasker/threads';
import { describe, expect, it } from 'vitest';

describe('tasker/threads', () => {
  it('exports what its users need', () => {
    expect(Object.keys(threads).toSorted()).toEqual(['ThreadError', 'isThreadError', 'move', 'serve', 'threads']);
  });
});
