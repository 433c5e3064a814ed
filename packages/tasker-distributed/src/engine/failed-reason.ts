import { keptText } from '../basics/json-value.ts';
import type { WireError } from '../basics/wire-error.ts';
import type { Outcome } from './engine.ts';

/** The text that BullMQ keeps of a failure: a line for people, as dashboards show it, and the error as JSON in the last one. */
export function reasonOf(error: WireError): string {
  const [line = ''] = (error.message ?? '').split('\n', 1);
  return `${keptText(`${error.name ?? 'Error'}: ${line}`)}\n${JSON.stringify(error)}`;
}

export function outcomeOfFailure(reason: string | undefined): Outcome {
  const text = reason ?? '';
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  if (lastLine.startsWith('{')) {
    try {
      return { ok: false, error: JSON.parse(lastLine) as WireError };
    } catch {
      // Not ours.
    }
  }
  return { ok: false, error: { name: 'Error', message: text } };
}
