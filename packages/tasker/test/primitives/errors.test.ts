import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { isTaskerError, TaskerError } from '../../src/primitives/errors.ts';
import type { TaskInfo } from '../../src/primitives/task-info.ts';

const task: TaskInfo = { id: '7', priority: 0, attempt: 1, state: 'failed', queuedAt: 5 };

describe('TaskerError', () => {
  it('is an Error with a code, a cause and a task', () => {
    const cause = new Error('disk');
    const error = new TaskerError('TIMEOUT', 'took too long', { cause, task });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause, error.task]).toEqual([
      'TaskerError',
      'TIMEOUT',
      'took too long',
      cause,
      task,
    ]);
    expect(error.stack).toMatch(/^TaskerError: took too long\n/);
  });

  it('has neither a task nor a cause of its own unless they are given', () => {
    const error = new TaskerError('STOPPED', 'no more');
    expect(Object.hasOwn(error, 'task')).toBe(false);
    expect(Object.hasOwn(error, 'cause')).toBe(false);
    expect(Object.keys(error)).toEqual(['code']);
    expect(inspect(error)).toContain("code: 'STOPPED'");
  });

  it('keeps a cause that is undefined', () => {
    expect(Object.hasOwn(new TaskerError('KILLED', 'k', { cause: undefined }), 'cause')).toBe(true);
  });
});

describe('isTaskerError', () => {
  it('knows our errors, and their codes', () => {
    const error: unknown = new TaskerError('DROPPED', 'gone');
    expect(isTaskerError(error)).toBe(true);
    expect(isTaskerError(error, 'DROPPED')).toBe(true);
    expect(isTaskerError(error, 'STOPPED')).toBe(false);
  });

  it.each([undefined, null, 'STOPPED', 5, {}, { code: 'STOPPED' }, new Error('STOPPED'), () => {}])(
    'does not take %o for one',
    (value) => {
      expect(isTaskerError(value)).toBe(false);
    },
  );

  it('works across two copies of the package', async () => {
    vi.resetModules();
    const other = await import('../../src/primitives/errors.ts');
    expect(other.TaskerError).not.toBe(TaskerError);
    const theirs: unknown = new other.TaskerError('KILLED', 'killed');
    expect(theirs).not.toBeInstanceOf(TaskerError);
    expect(isTaskerError(theirs, 'KILLED')).toBe(true);
    expect(other.isTaskerError(new TaskerError('KILLED', 'killed'), 'KILLED')).toBe(true);
  });
});
