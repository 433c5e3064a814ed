/** A fault, what was to be reached under it, and what was found. */
export interface Figure {
  readonly fault: string;
  readonly target: string;
  readonly found: string;
  readonly isReached: boolean;
}

/** One that is a time. */
export function timed(fault: string, ms: number, limit: number, isRight: boolean, remark = ''): Figure {
  const found = [`${Math.round(ms)} ms`, remark].filter((part) => part !== '').join(', ');
  return { fault, target: `≤ ${limit} ms`, found, isReached: isRight && ms <= limit };
}

export async function msOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}
