import { defineTasks } from '../../src/index.ts';
import type { Gate } from './gate.ts';

/** A task that waits at the gate, and with what it was aborted. */
export function holding(gate: Gate) {
  const aborted: { reason: unknown } = { reason: undefined };
  const tasks = defineTasks()({
    hold: (_, __: undefined, { signal }) => {
      signal.addEventListener('abort', () => (aborted.reason = signal.reason));
      return gate.pass(signal);
    },
  });
  return { tasks, aborted };
}
