import * as threads from 'tasker/threads';
import { describe, expect, it } from 'vitest';

describe('tasker/threads', () => {
  it('exports what its users need', () => {
    const names = ['ThreadError', 'isThreadError', 'move', 'processes', 'serve', 'threads'];
    expect(Object.keys(threads).toSorted()).toEqual(names);
  });
});
