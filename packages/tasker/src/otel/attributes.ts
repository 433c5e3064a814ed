import type { Attributes } from '@opentelemetry/api';
import { isObject } from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';

const isScalar = (value: unknown): boolean =>
  value === undefined || value === null || ['string', 'number', 'boolean'].includes(typeof value);

export const ATTRIBUTES: Rule = [
  'an object of strings, numbers, booleans and lists of those',
  (value) =>
    isObject(value) &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => isScalar(each) || (Array.isArray(each) && each.every(isScalar))),
];

/** Attributes as text: the same ones look alike. */
export function textOf(attributes: Attributes = {}): string {
  return JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
