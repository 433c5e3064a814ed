import { expect, test } from 'vitest';
import { itemOptions } from '../../src/work/item-options.ts';

const none = { once: false, priority: undefined, key: undefined };

test('an item without flags has no options, and with once is never retried', () => {
  expect(itemOptions(none)('a')).toBeUndefined();
  expect(itemOptions({ ...none, once: true })('a')).toEqual({ retry: false });
});

test('priority and key are fields of the item, also as text', () => {
  const options = itemOptions({ once: true, priority: 'p', key: 'k' });
  expect(options({ p: '3', k: 'x' })).toEqual({ retry: false, priority: 3, key: 'x' });
  expect(options({ p: -1.5, k: 7 })).toEqual({ retry: false, priority: -1.5, key: '7' });
});

test('an item without the field has priority 0 and no key', () => {
  expect(itemOptions({ ...none, priority: 'p', key: 'k' })({})).toEqual({ priority: 0, key: undefined });
  const inherited = itemOptions({ ...none, priority: 'constructor', key: '__proto__' });
  expect(inherited({})).toEqual({ priority: 0, key: undefined });
});

test('what is no priority, or no item with fields, is refused', () => {
  const options = itemOptions({ ...none, priority: 'p' });
  expect(() => options({ p: 'high' })).toThrow('the priority p must be a finite number, got "high"');
  expect(() => options('text')).toThrow('an item must be an object to have a field p, got "text"');
});
