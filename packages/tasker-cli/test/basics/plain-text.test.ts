import { expect, test } from 'vitest';
import { cutText, plainText } from '../../src/basics/plain-text.ts';

test('plain text is one line without escapes, control characters and changes of direction', () => {
  expect(plainText(' a\n\tb\r\nc ')).toBe('a b c');
  expect(plainText('\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b31m\u0000\u007f\u202e\u2066end\ud800')).toBe(
    'red end',
  );
  expect(plainText('日本語 – “quoted”, élan, 👍')).toBe('日本語 – “quoted”, élan, 👍');
});

test('text is cut where the columns end, between characters, of which some take two', () => {
  expect(cutText('abcdef', 6)).toBe('abcdef');
  expect(cutText('abcdef', 5)).toBe('abcd…');
  expect(cutText('日本語', 6)).toBe('日本語');
  expect(cutText('日本語', 5)).toBe('日本…');
  expect(cutText('日本語', 4)).toBe('日…');
  expect(cutText('é́é́é́', 2)).toBe('é́…');
});
