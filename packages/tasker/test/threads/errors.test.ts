import { TaskerError } from 'tasker';
import { isThreadError, ThreadError } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { decodeThrown, encodeThrown, simplify } from '../../src/threads/error-codec.ts';
import { isThreadDeath } from '../../src/threads/thread-error.ts';
import { open, PLACES } from './support.ts';
import type { Everything } from './support.ts';

/** What a function has thrown. */
async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe.each(PLACES)('what a function throws, %s', (place) => {
  it('comes back as an instance of the same built-in class, with the stack of the thread and its causes', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    for (const call of [thread.run('fail', 'type'), thread.run('failLater', 'type')]) {
      const error = await thrownBy(call);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ name: 'TypeError', message: 'not that type' });
      expect((error as Error).stack).toMatch(/TypeError: not that type\n.*fail.*everything/s);
      const { cause } = error as { cause: unknown };
      expect(cause).toBeInstanceOf(RangeError);
      expect(cause).toMatchObject({ message: 'too far', cause: 'a word' });
      expect(Object.keys(error as object)).toEqual([]);
    }
    await end();
  });

  it('keeps its code and its own fields, and the name of its own class', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const own = await thrownBy(thread.run('fail', 'own'));
    expect(own).toBeInstanceOf(Error);
    const details = { at: [1, 2], when: new Date(0) };
    expect(own).toMatchObject({ name: 'OwnError', message: 'ours', code: 'E_OWN', details });
    const named = await thrownBy(thread.run('fail', 'named'));
    expect(named).toBeInstanceOf(TypeError);
    expect(named).toMatchObject({ name: 'NamedTypeError' });
    await end();
  });

  it('may be several errors, a DOMException or no error at all', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const several = await thrownBy(thread.run('fail', 'aggregate'));
    expect(several).toBeInstanceOf(AggregateError);
    expect((several as AggregateError).errors).toEqual([new SyntaxError('one'), 2]);
    const gone = await thrownBy(thread.run('fail', 'dom'));
    expect(gone).toBeInstanceOf(DOMException);
    expect(gone).toMatchObject({ name: 'NotFoundError', message: 'gone' });
    expect(await thrownBy(thread.run('fail', 'value'))).toEqual({ odd: [1] });
    expect(await thrownBy(thread.run('fail', 'undefined'))).toBeUndefined();
    await end();
  });

  it('comes back even if a part of it cannot be cloned: that part in words', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const error = await thrownBy(thread.run('fail', 'field'));
    expect(error).toMatchObject({ message: 'with a field', code: 7, handler: '[Function handler]' });
    await end();
  });

  it('is reported as what it is if it cannot be cloned at all', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const error = await thrownBy(thread.run('fail', 'function'));
    expect(error).toMatchObject({ name: 'ThreadError', code: 'NOT_CLONEABLE' });
    expect((error as Error).message).toContain('what fail() threw cannot be sent');
    expect(await thrownBy(thread.run('fail', 'unreadable'))).toMatchObject({
      message: expect.stringContaining('an error that cannot be read') as string,
    });
    await end();
  });

  it('may be a circle, which is cut where it closes', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    let depth = 0;
    for (let error = await thrownBy(thread.run('fail', 'circle')); error instanceof Error; error = error.cause) depth++;
    expect(depth).toBe(1);
    await end();
  });
});

/** What arrives of something thrown. */
const sent = (thrown: unknown): unknown => decodeThrown(structuredClone(simplify(encodeThrown(thrown))));

describe('an error on its way', () => {
  it('keeps the address of its page', () => {
    const error = new TaskerError('TIMEOUT', 'too long');
    expect(sent(error)).toMatchObject({ name: 'TaskerError', code: 'TIMEOUT', help: error.help });
  });

  it('is unchanged in what can be seen of it', () => {
    for (const Class of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
      const error = new Class('m', { cause: new Class('c') });
      const copy = sent(error);
      expect(copy).toBeInstanceOf(Class);
      expect(copy).toStrictEqual(error);
      expect((copy as Error).stack).toBe(error.stack);
      expect(Object.getOwnPropertyDescriptor(copy, 'cause')?.enumerable).toBe(false);
    }
  });

  it('keeps the name that Node gives it, not that of the class inside Node', () => {
    const error = sent(new (class NodeError extends TypeError {})('m'));
    expect((error as Error).name).toBe('TypeError');
  });

  it('has an unclonable thing among its causes in words', () => {
    const cause = Object.assign(new AggregateError([() => 1, new Error('fine')], 'many'), { call: () => 1 });
    const error = sent(new Error('m', { cause })) as { cause: AggregateError };
    expect(error.cause.errors).toEqual(['[Function]', new Error('fine')]);
    expect(error.cause).toMatchObject({ message: 'many', call: '[Function call]' });
  });

  it('may have no stack, a class without a name, or come from another realm', () => {
    const error = new (class extends Error {})('m');
    Object.defineProperty(error, 'stack', { value: undefined });
    expect(sent(error)).toMatchObject({ name: 'Error', message: 'm' });
    const alien = Object.assign(Object.create(null) as object, { message: 'far', [Symbol.toStringTag]: 'Error' });
    expect(sent(alien)).toBeInstanceOf(Error);
  });

  it('of an unknown class arrives as an Error', () => {
    expect(decodeThrown({ error: { base: 'Future', name: 'Future', message: 'm' } })).toBeInstanceOf(Error);
  });
});

describe('a ThreadError', () => {
  it('is known by its code, across two copies of the package', () => {
    const error = new ThreadError('THREAD_EXITED', 'm', { cause: 1 });
    expect(error).toMatchObject({ name: 'ThreadError', code: 'THREAD_EXITED', cause: 1 });
    expect(isThreadError(error)).toBe(true);
    expect(isThreadError(error, 'THREAD_EXITED')).toBe(true);
    expect(isThreadError(error, 'OUT_OF_MEMORY')).toBe(false);
    expect(isThreadError({ [Symbol.for('tasker.threads.error')]: true, code: 'THREAD_FAILED' }, 'THREAD_FAILED')).toBe(
      true,
    );
    for (const other of [new Error('m'), undefined, null, 'THREAD_EXITED']) expect(isThreadError(other)).toBe(false);
  });

  it('says that the thread is gone, or that it is well', () => {
    for (const code of ['THREAD_EXITED', 'THREAD_FAILED', 'THREAD_STUCK', 'OUT_OF_MEMORY'] as const) {
      expect(isThreadDeath(new ThreadError(code, ''))).toBe(true);
    }
    for (const code of ['NO_SUCH_FUNCTION', 'NOT_CLONEABLE', 'NOT_ITERABLE', 'CALL_ENDED'] as const) {
      expect(isThreadDeath(new ThreadError(code, ''))).toBe(false);
    }
  });
});
