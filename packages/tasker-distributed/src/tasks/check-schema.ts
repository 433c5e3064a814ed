import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DistributedError } from '../basics/distributed-error.ts';

const CODES = { input: 'INVALID_INPUT', output: 'INVALID_OUTPUT' } as const;

/** What the schema makes of a value; without a schema the value. Rejects with `INVALID_INPUT` or `INVALID_OUTPUT`. */
export async function checkSchema(
  schema: StandardSchemaV1 | undefined,
  side: keyof typeof CODES,
  task: string,
  value: unknown,
): Promise<unknown> {
  if (schema === undefined) return value;
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const [first] = result.issues;
  const path = (first?.path ?? []).map((part) => `.${String(typeof part === 'object' ? part.key : part)}`).join('');
  const message = `${side}${path} of ${JSON.stringify(task)}: ${first?.message ?? 'not what its schema says'}`;
  throw new DistributedError(CODES[side], message, {
    issues: result.issues.map((issue) => ({ message: issue.message, path: issue.path })),
  });
}
