import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { retryAfter, toDecision } from '../../src/tasks/verdict.ts';

describe('toDecision', () => {
  it('takes true for keep and fail, false for replace and retry', () => {
    expect(toDecision(true)).toEqual({ resource: 'keep', task: 'fail' });
    expect(toDecision(false)).toEqual({ resource: 'replace', task: 'retry' });
  });

  it('takes every verdict as it is', () => {
    for (const resource of ['keep', 'replace']) {
      for (const task of ['fail', 'retry']) {
        for (const after of [undefined, 0, 0.5, 1e9]) {
          const verdict = { resource, task, ...(after !== undefined && { after }) };
          expect(toDecision(verdict)).toEqual(verdict);
        }
      }
    }
  });

  it('refuses anything else and says what it got', () => {
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
    ]) {
      expect(() => toDecision(value)).toThrow(/^checkHealth must return a boolean or a Verdict, got /);
    }
  });

  it('keeps and retries where an overload is all that is said', () => {
    for (const overload of [true, 'key']) {
      expect(toDecision({ overload })).toEqual({ resource: 'keep', task: 'retry', overload });
      expect(toDecision({ overload, task: 'fail', after: 5 })).toEqual({
        resource: 'keep',
        task: 'fail',
        overload,
        after: 5,
      });
    }
  });

  it('fails the task and keeps the resource where it says that there is no overload', () => {
    expect(toDecision({ overload: false })).toEqual({ resource: 'keep', task: 'fail' });
    expect(toDecision({ overload: false, after: 5 })).toEqual({ resource: 'keep', task: 'fail', after: 5 });
    const all = { resource: 'replace', task: 'retry' };
    expect(toDecision({ ...all, overload: false })).toEqual(all);
  });

  it('names an overload that is none', () => {
    for (const overload of [1, 'keys', null, {}]) {
      expect(() => toDecision({ resource: 'keep', task: 'retry', overload })).toThrow(
        /^the overload of a Verdict must be true, false or 'key', got (1|"keys"|null|\[Object\])$/,
      );
    }
  });

  it('takes a date as the time until then, and one that has passed as now', () => {
    vi.useFakeTimers({ now: 1_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(toDecision({ overload: true, after: new Date(4_000) })).toMatchObject({ after: 3_000 });
    expect(toDecision({ overload: true, after: new Date(500) })).toMatchObject({ after: 0 });
  });

  it('tells of an after that says no time, and counts it for nothing', () => {
    for (const after of [
      -1,
      Number.NaN,
      Infinity,
      '5',
      null,
      new Date(Number.NaN),
      Promise.reject(new Error('async')),
    ]) {
      const { mistake, ...decision } = toDecision({ resource: 'keep', task: 'retry', after });
      expect(decision).toEqual({ resource: 'keep', task: 'retry' });
      expect(mistake?.message).toMatch(
        /^the after of a Verdict must be a finite number of milliseconds, 0 or more, or a valid Date/,
      );
    }
  });

  it('refuses a promise, and handles its rejection', async () => {
    expect(() => toDecision(Promise.reject(new Error('async')))).toThrow('not a promise');
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('retryAfter', () => {
  it('reads seconds, with fractions and spaces around', () => {
    expect(['0', '1', ' 120 ', '1.5'].map((header) => retryAfter(header))).toEqual([0, 1_000, 120_000, 1_500]);
  });

  it('reads a date in each form that HTTP knows, as the time until then, and 0 if it has passed', () => {
    vi.useFakeTimers({ now: Date.UTC(1994, 10, 6, 8, 49, 7) });
    onTestFinished(() => void vi.useRealTimers());
    for (const header of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      expect(retryAfter(header), header).toBe(30_000);
    }
    expect(retryAfter('Sun, 06 Nov 1994 08:49:06 GMT')).toBe(0);
  });

  it('is undefined where there is none, or it makes no sense', () => {
    const wrong = ['', ' ', 'soon', '-1', '1e3', '0x10', '5 apples', '1,5', 'Infinity', '9'.repeat(400), 'Nov 6'];
    const dates = [
      'Sun, 06 Nov 1994 08:49:37',
      'Sun, 06 Nov 1994 08:49:37 CET',
      'Xxx, 99 Xxx 1994 99:99:99 GMT',
      '1994-11-06',
    ];
    for (const header of [undefined, null, ...wrong, ...dates])
      expect(retryAfter(header), String(header)).toBe(undefined);
    expect(retryAfter(5 as never)).toBe(undefined);
  });
});
