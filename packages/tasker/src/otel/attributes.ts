import type { Attributes } from '@opentelemetry/api';

/** Attributes as text: the same ones look alike. */
export function textOf(attributes: Attributes = {}): string {
  return JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
