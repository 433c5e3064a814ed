import { expect, test } from 'vitest';
import { ErrorGroups } from '../../src/tally/error-groups.ts';
import { patternOf } from '../../src/tally/error-pattern.ts';

const groupsOf = (...messages: string[]): ErrorGroups => {
  const groups = new ErrorGroups();
  for (const [index, message] of messages.entries()) {
    groups.add({ index, input: index, error: { name: 'Error', message } });
  }
  return groups;
};

test('messages that differ in numbers, quoted parts, paths, addresses and ids are alike', () => {
  const alike: [pattern: string, ...messages: string[]][] = [
    ['timeout after <n> ms for <path>', 'timeout after 1234 ms for /a/b', 'timeout after 99 ms for /a/c'],
    ['timeout after <n>ms', 'timeout after 30000ms', 'timeout after 1.5ms', 'timeout after 1,000ms'],
    ["ENOENT: no such file, open '…'", "ENOENT: no such file, open 'photos/a.jpg'", "ENOENT: no such file, open 'b'"],
    ['Unexpected token "…" at <n>', 'Unexpected token "x" at 7', 'Unexpected token "it\'s" at 12'],
    ["can't read <path>, isn't there", "can't read a/b.txt, isn't there", "can't read C:\\x\\y.txt, isn't there"],
    ['GET <url> gave <n>', 'GET https://example.com/a?b=1 gave 500', 'GET http://localhost:80 gave 404'],
    ['no user <id>', 'no user 123e4567-e89b-12d3-a456-426614174000', 'no user deadbeef01', 'no user 7h3x9z'],
    ['connect ECONNREFUSED <n>:<n>', 'connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 10.0.0.7:1'],
    ['worker_<n> died', 'worker_1 died', 'worker_23 died'],
    ['Timeout <n>ms exceeded.', 'Timeout 30000ms exceeded.\nCall log:\n  - one', 'Timeout 5ms exceeded.\n\nmore'],
    ['it said no', ' it\u001b[31m said\u0007 no\u202e'],
    ['', ''],
  ];
  for (const [pattern, ...messages] of alike) {
    expect(messages.map((message) => patternOf(message))).toEqual(messages.map(() => pattern));
  }
});

test('failures are grouped by name, code and pattern, the most frequent first, each with its first example', () => {
  const groups = groupsOf('no 1', 'never', 'no 2');
  const error = { name: 'Error', message: 'no 3', code: 7 };
  groups.add({ index: 3, error });
  groups.add({ index: 4 });
  expect(groups.errors()).toEqual({
    groups: [
      {
        name: 'Error',
        code: undefined,
        pattern: 'no <n>',
        count: 2,
        example: { index: 0, message: 'no 1', input: '0' },
      },
      {
        name: 'Error',
        code: undefined,
        pattern: 'never',
        count: 1,
        example: { index: 1, message: 'never', input: '1' },
      },
      { name: 'Error', code: '7', pattern: 'no <n>', count: 1, example: { index: 3, message: 'no 3', input: '' } },
      { name: 'Error', code: undefined, pattern: '', count: 1, example: { index: 4, message: '', input: '' } },
    ],
    others: 0,
  });
});

test('of too many groups the rarest become others, and none is lost', () => {
  const rare = Array.from({ length: 5_000 }, (_, n) =>
    String(n).replace(/\d/g, (digit) => 'abcdefghij'.charAt(+digit)),
  );
  const { groups, others } = groupsOf(...rare.flatMap((message) => [message, 'often'])).errors();
  expect(groups[0]).toMatchObject({ pattern: 'often', count: 5_000 });
  expect(groups).toHaveLength(100);
  expect(groups.reduce((sum, { count }) => sum + count, others)).toBe(10_000);
});

test('a long message or input is cut short', () => {
  const groups = new ErrorGroups();
  groups.add({ index: 0, input: 'x'.repeat(1e6), error: { name: 'E', message: '0'.repeat(1e6) } });
  const { example, pattern } = groups.errors().groups[0] ?? { example: { message: '', input: '' }, pattern: '' };
  expect([example.message.length, example.input.length, pattern]).toEqual([301, 301, '<n>']);
});
