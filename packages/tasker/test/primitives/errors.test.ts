import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { isTaskerError, sharingStack, TaskerError } from '../../src/primitives/errors.ts';
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
    expect(Object.keys(error)).toEqual(['code', 'help']);
  });

  it('has its code and the address of its page printed below its stack', () => {
    const page =
      /^TaskerError: full\n[\s\S]*code: 'QUEUE_FULL',\n +help: 'https:\/\/\S+\/docs\/errors\/QUEUE_FULL\.md'/;
    expect(inspect(new TaskerError('QUEUE_FULL', 'full'))).toMatch(page);
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

  it('knows the errors of another copy of the package', async () => {
    vi.resetModules();
    const other = await import('../../src/primitives/errors.ts');
    expect(other.TaskerError).not.toBe(TaskerError);
    const theirs: unknown = new other.TaskerError('KILLED', 'killed');
    expect(theirs).not.toBeInstanceOf(TaskerError);
    expect(isTaskerError(theirs, 'KILLED')).toBe(true);
    expect(other.isTaskerError(new TaskerError('KILLED', 'killed'), 'KILLED')).toBe(true);
  });
});

/** Has stacks prepared by a function of somebody else's, until the returned one is called. */
function withPrepare(prepare: () => unknown): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  Error.prepareStackTrace = prepare;
  return () => {
    Reflect.deleteProperty(Error, 'prepareStackTrace');
    if (descriptor !== undefined) Object.defineProperty(Error, 'prepareStackTrace', descriptor);
  };
}

const killed = (info: TaskInfo) => (): TaskerError => new TaskerError('KILLED', 'it was killed', { task: info });

describe('sharingStack', () => {
  it('makes an error of its own for each task, all with the stack of where the first was made', () => {
    const cause = new Error('why');
    const share = sharingStack();
    const make = (info: TaskInfo): TaskerError =>
      share(() => new TaskerError('KILLED', `${info.id} was killed`, { cause, task: info }));
    const makeFirst = (): TaskerError => make(task);
    const errors = [makeFirst(), ...Array.from({ length: 3 }, (_, n) => make({ ...task, id: `${n}` }))];
    expect(errors.map((error) => error.task?.id)).toEqual(['7', '0', '1', '2']);
    expect(new Set(errors).size).toBe(4);
    for (const error of errors) {
      expect(isTaskerError(error, 'KILLED')).toBe(true);
      expect([error.message, error.cause]).toEqual([`${error.task?.id} was killed`, cause]);
      expect(error.stack).toMatch(new RegExp(`^TaskerError: ${error.task?.id} was killed\\n.*makeFirst`, 's'));
      expect(Object.keys(error)).toEqual(['code', 'help', 'task']);
    }
  });

  it('tells each error its own submission, and of no other task', () => {
    const share = sharingStack();
    const make = (submission: string): TaskerError =>
      share(() => {
        const error = killed(task)();
        error.stack = `${error.stack}\n${submission}`;
        return error;
      }, submission);
    const stacks = ['Error: submitted\n    at first', 'Error: submitted\n    at second'].map(
      (each) => make(each).stack,
    );
    expect(stacks.map((stack) => stack?.match(/Error: submitted\n.*/g))).toEqual([
      ['Error: submitted\n    at first'],
      ['Error: submitted\n    at second'],
    ]);
  });

  it('leaves Error.stackTraceLimit as it was, and asks for the stack once', () => {
    const { stackTraceLimit } = Error;
    const prepare = vi.fn(() => 'prepared');
    const restore = withPrepare(prepare);
    Error.stackTraceLimit = 7;
    const share = sharingStack();
    const errors = Array.from({ length: 5 }, () => share(killed(task)));
    const stacks = errors.map(({ stack }) => stack);
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = stackTraceLimit;
    restore();
    expect([limit, stacks]).toEqual([7, ['prepared', ...Array<string>(4).fill('TaskerError: it was killed')]]);
    expect(prepare.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it('makes errors all the same where Error must not be changed, and where its stack cannot be read', () => {
    const set = vi.spyOn(Reflect, 'set').mockReturnValue(false);
    const share = sharingStack();
    const errors = [share(killed(task)), share(killed(task))];
    set.mockRestore();
    expect(errors.every(({ stack }) => stack?.startsWith('TaskerError: it was killed\n'))).toBe(true);

    const restore = withPrepare(() => {
      throw new Error('no stack');
    });
    const hidden = sharingStack();
    const more = [hidden(killed(task)), hidden(killed(task))];
    restore();
    expect(more.map(({ code }) => code)).toEqual(['KILLED', 'KILLED']);
  });
});
