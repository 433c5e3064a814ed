import { expect, test } from 'vitest';
import { processName } from '../../src/worker/process-name.ts';

test('pods of one deployment have names of their own, however long those of deployment and queue are', () => {
  const pods = ['6c5f9d7b48-x2k9p', '6c5f9d7b48-m8qzt'].map((pod) => `screenshots-of-the-whole-internet-${pod}`);
  const names = pods.map((host) => processName('q'.repeat(40), host, '1/1'));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(`${'q'.repeat(40)}:w:${name}`.length).toBe(63);
});

test('of a host with a domain the first part is the name', () => {
  expect(processName('tasker', 'ip-10-0-1-23.eu-west-1.compute.internal', '7/1')).toBe('ip-10-0-1-23/7/1');
});
