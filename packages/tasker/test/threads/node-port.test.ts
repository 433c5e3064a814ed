import { expect, it } from 'vitest';
import { inheritedArguments } from '../../src/threads/node-port.ts';

it('a thread inherits the arguments of the process, but not the one that is about its --eval', () => {
  expect(inheritedArguments(['--import', 'tsx'])).toBeUndefined();
  expect(inheritedArguments(['--input-type=module', '--import', 'tsx'])).toEqual(['--import', 'tsx']);
  expect(inheritedArguments(['--input-type', 'module', '-e', 'x'])).toEqual(['-e', 'x']);
});
