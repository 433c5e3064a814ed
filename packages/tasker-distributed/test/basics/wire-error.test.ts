import { TaskerError, isTaskerError } from 'tasker';
import { expect, test } from 'vitest';
import { DistributedError, isDistributedError } from '../../src/basics/distributed-error.ts';
import { fromWire, toWire } from '../../src/basics/wire-error.ts';
import type { WireError } from '../../src/basics/wire-error.ts';

const sent = (error: unknown): unknown => fromWire(JSON.parse(JSON.stringify(toWire(error))) as WireError);

test('our errors arrive as errors of their class', () => {
  const cause = new RangeError('deep');
  const core = sent(new TaskerError('RETRIES_EXHAUSTED', 'too often', { cause })) as TaskerError;
  expect(isTaskerError(core, 'RETRIES_EXHAUSTED')).toBe(true);
  expect(core).toMatchObject({ name: 'TaskerError', message: 'too often' });
  expect(core.cause).toBeInstanceOf(RangeError);
  expect(core.help).toMatch(/\/RETRIES_EXHAUSTED\.md$/);
  const issues = [{ message: 'no', path: ['a'] }];
  const own = sent(new DistributedError('INVALID_INPUT', 'wrong', { issues })) as DistributedError;
  expect(isDistributedError(own, 'INVALID_INPUT')).toBe(true);
  expect(own.issues).toEqual(issues);
  expect(own.help).toMatch(/\/INVALID_INPUT\.md$/);
  const lists = { ids: ['a', 'b'], stored: ['a'] };
  expect(sent(new DistributedError('NOT_ALL_STORED', 'half', lists))).toMatchObject(lists);
});

test('errors of JavaScript arrive as such, an abort and several at once included', () => {
  expect(sent(new SyntaxError('s'))).toBeInstanceOf(SyntaxError);
  const abort = sent(new DOMException('gone', 'AbortError')) as Error;
  expect(abort).toBeInstanceOf(Error);
  expect(abort).toMatchObject({ name: 'AbortError', message: 'gone' });
  const many = sent(new AggregateError([new TypeError('t')], 'all')) as AggregateError;
  expect(many).toBeInstanceOf(AggregateError);
  expect(many.errors[0]).toBeInstanceOf(TypeError);
});

test('whatever else is thrown arrives as an error that says what it was', () => {
  expect(sent('just text')).toBeInstanceOf(Error);
  expect((sent('just text') as Error).message).toContain('just text');
  expect(sent(undefined)).toBeInstanceOf(Error);
  expect(sent({ message: 'plain', code: 7 })).toMatchObject({ message: 'plain', code: 7 });
  const hostile = new Proxy(new Error('x'), {
    get: () => {
      throw new Error('no');
    },
  });
  expect(sent(hostile)).toBeInstanceOf(Error);
});

test('data that is large stays behind, and data that goes in circles is cut', () => {
  const error = Object.assign(new Error('large'), { code: 'E', body: 'x'.repeat(1_000_000) });
  expect(sent(error)).toMatchObject({ message: 'large', code: 'E' });
  expect(sent(error)).not.toHaveProperty('body');
  const circle = Object.assign(new Error('round'), { self: {} });
  circle.self = circle;
  expect(sent(circle)).toMatchObject({ message: 'round' });
});
