import type { StandardSchemaV1 } from '@standard-schema/spec';
import { untilAbort } from '../basics/until-abort.ts';
import { DistributedError } from '../basics/distributed-error.ts';

const CODES = { input: 'INVALID_INPUT', output: 'INVALID_OUTPUT' } as const;

/**
 * What the schema makes of a value; without a schema the value. Rejects with `INVALID_INPUT` or `INVALID_OUTPUT`. A check that takes its time is
 * given up when the signal of `run` aborts: it uses no resource, so that nothing need wait for its end.
 */
export async function checkSchema(
  schema: StandardSchemaV1 | undefined,
  side: keyof typeof CODES,
  task: string,
  value: unknown,
  run?: { readonly signal: AbortSignal },
): Promise<unknown> {
  if (schema === undefined) return value;
  const validated = schema['~standard'].validate(value);
  const isSlow = run !== undefined && validated instanceof Promise;
  const result = await (isSlow ? untilAbort(run.signal, validated, () => {}) : validated);
  if (result.issues === undefined) return result.value;
  const [first] = result.issues;
  const path = (first?.path ?? []).map((part) => `.${String(typeof part === 'object' ? part.key : part)}`).join('');
  const message = `${side}${path} of ${JSON.stringify(task)}: ${first?.message ?? 'not what its schema says'}`;
  throw new DistributedError(CODES[side], message, {
    issues: result.issues.map((issue) => ({ message: issue.message, path: issue.path })),
  });
}
