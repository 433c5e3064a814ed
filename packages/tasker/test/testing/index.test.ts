import { describe, expect, it } from 'vitest';
import * as testing from 'tasker/testing';

describe('tasker/testing', () => {
  it('exports what its users need', () => {
    expect(Object.keys(testing).toSorted()).toEqual(['FakeResource', 'VirtualClock', 'fakeResources']);
  });
});
