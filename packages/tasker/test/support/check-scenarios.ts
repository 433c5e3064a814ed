import fc from './fast-check.ts';
import { expect } from 'vitest';

/**
 * Plays random scenarios and fails with how to replay the first that breaks. `prefix` names the environment variables
 * that replay it: `PREFIX_SEED`, `PREFIX_PATH` and `PREFIX_RUNS`.
 */
export async function checkScenarios<S>(
  scenario: fc.Arbitrary<S>,
  play: (scenario: S) => Promise<void>,
  options: { readonly prefix: string; readonly file: string; readonly runs: number },
): Promise<void> {
  const { prefix, file, runs } = options;
  const { [`${prefix}_SEED`]: seed, [`${prefix}_PATH`]: path, [`${prefix}_RUNS`]: numRuns } = process.env;
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  const details = await fc.check(
    fc.asyncProperty(scenario, async (one) => {
      await play(one);
      expect(unhandled.splice(0)).toEqual([]);
    }),
    {
      numRuns: Number(numRuns ?? runs),
      ...(seed !== undefined && { seed: Number(seed) }),
      ...(path !== undefined && { path }),
    },
  );
  process.off('unhandledRejection', onUnhandled);
  if (!details.failed) return;
  const replay = `${prefix}_SEED=${details.seed} ${prefix}_PATH=${details.counterexamplePath ?? ''}`;
  throw new Error(
    `${fc.defaultReportMessage(details) ?? ''}\n\nTo replay it: ${replay} npx vitest run packages/tasker/test/manager/${file}`,
    { cause: details.errorInstance },
  );
}
