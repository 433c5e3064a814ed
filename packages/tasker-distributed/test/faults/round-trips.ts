import type { TaskClient } from '../../src/index.ts';

export interface RoundTrips {
  readonly ended: number;
  /** Those that came back with something else. */
  readonly wrong: readonly string[];
  /** Milliseconds of each, sorted. */
  readonly ms: readonly number[];
}

/** Queues `count` tasks, `inFlight` at a time. */
export async function roundTrips(
  client: TaskClient<{ echo(resource: undefined, n: number): number }>,
  count: number,
  inFlight: number,
): Promise<RoundTrips> {
  const wrong: string[] = [];
  const ms: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      const startedAt = performance.now();
      const result: unknown = await client.queueTask('echo', n).catch((error: unknown) => error);
      ms.push(performance.now() - startedAt);
      if (result !== n) wrong.push(`${n} → ${String(result)}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { ended: ms.length, wrong, ms: ms.toSorted((a, b) => a - b) };
}
