import { describe, expect, it } from 'vitest';
import { toVerdict } from '../../src/tasks/verdict.ts';

describe('toVerdict', () => {
  it('takes true for keep and fail, false for replace and retry', () => {
    expect(toVerdict(true)).toEqual({ resource: 'keep', task: 'fail' });
    expect(toVerdict(false)).toEqual({ resource: 'replace', task: 'retry' });
  });

  it('takes every verdict as it is', () => {
    for (const resource of ['keep', 'replace']) {
      for (const task of ['fail', 'retry']) {
        for (const after of [undefined, 0, 0.5, 1e9]) {
          const verdict = { resource, task, ...(after !== undefined && { after }) };
          expect(toVerdict(verdict)).toEqual(verdict);
        }
      }
    }
  });

  it('refuses anything else and says what it got', () => {
    const good = { resource: 'keep', task: 'retry' };
    for (const value of [
      undefined,
      null,
      0,
      1,
      '',
      'keep',
      [],
      {},
      { resource: 'keep' },
      { task: 'fail' },
      { resource: 'fail', task: 'keep' },
      { ...good, after: -1 },
      { ...good, after: Number.NaN },
      { ...good, after: Infinity },
      { ...good, after: '5' },
      { ...good, after: null },
    ]) {
      expect(() => toVerdict(value)).toThrow(/^checkHealth must return a boolean or a Verdict, got /);
    }
  });

  it('refuses a promise, and handles its rejection', async () => {
    expect(() => toVerdict(Promise.reject(new Error('async')))).toThrow('not a promise');
    await new Promise((resolve) => setImmediate(resolve));
  });
});
