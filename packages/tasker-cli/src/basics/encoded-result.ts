import { textOf } from './error-description.ts';

/** A result as JSON, or why JSON cannot hold it. May pass from a thread to another. */
export type EncodedResult = { readonly json: string } | { readonly notJson: string };

/** `undefined` becomes `null`. Does not throw. */
export function encodeResult(result: unknown): EncodedResult {
  if (result === undefined) return { json: 'null' };
  try {
    // Of a function and a symbol it makes nothing.
    const json = JSON.stringify(result) as string | undefined;
    return json === undefined ? { notJson: `it is a ${typeof result}` } : { json };
  } catch (error) {
    return { notJson: textOf(error) };
  }
}
