import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Bench } from './bench.ts';
import { Crew } from './crew.ts';
import type { TestStore } from './stores.ts';

/** A store for all tests of a file, or of a block. */
export function useStore(makeStore: () => Promise<TestStore>): () => TestStore {
  let store: TestStore;
  beforeAll(async () => {
    store = await makeStore();
  });
  afterAll(() => store?.remove());
  return () => store;
}

/** A bench on that store for each test. */
export function useBench(store: () => TestStore): () => Bench {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench(store().url);
  });
  afterEach(() => bench.close());
  return () => bench;
}

/** Processes of their own on that store for each test; all are killed after it. */
export function useCrew(store: () => TestStore): () => Crew {
  let crew: Crew;
  beforeEach(() => {
    crew = new Crew(store().url);
  });
  afterEach(() => crew.end());
  return () => crew;
}
