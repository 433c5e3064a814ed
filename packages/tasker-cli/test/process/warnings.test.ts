import { expect, test } from 'vitest';
import type { Messages } from '../../src/process/messages.ts';
import { Warnings } from '../../src/process/warnings.ts';

function start(): { warnings: Warnings; told: string[] } {
  const told: string[] = [];
  const messages = {
    note: (text: string) => told.push(`note ${text}`),
    error: (text: string) => told.push(`error ${text}`),
  } as unknown as Messages;
  return { warnings: new Warnings(messages), told };
}

test('of each kind of warning the first is told', () => {
  const { warnings, told } = start();
  warnings.info();
  warnings.warn('tasker: a resource is replaced (base, sick): Error: lost 1');
  warnings.warn('tasker: a resource is replaced (base, sick): Error: lost 2');
  warnings.error('tasker: checkHealth failed: Error: oops');
  expect(told).toEqual([
    'note tasker: a resource is replaced (base, sick): Error: lost 1',
    'error tasker: checkHealth failed: Error: oops',
  ]);
});

test('of very many kinds not all are told', () => {
  const { warnings, told } = start();
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
  for (const a of letters) for (const b of letters) warnings.warn(a + b);
  expect(told).toHaveLength(100);
});
