import { statSync } from 'node:fs';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import workspace from '../vitest.config.ts';

/** Folders with tests that are quick and run in one process; a wrong change of the core is to be seen by them. */
const FOLDERS = ['promises', 'manager', 'tasks', 'resources', 'scaling', 'parity'];

/** These measure time or memory, or start processes, which run what is not mutated. */
const EXCLUDED = [
  ...['memory', 'lets-go', 'settled-task', 'cost-per-event'].map((name) => `manager/${name}`),
  'promises/liveness',
];

/** These wait for real time or play many lives: they come last. */
const SLOW = ['event-loop', 'hostile-values', 'model', 'model-everything'].map((name) => `manager/${name}`);

const tests = (name: string): string => `packages/tasker/test/${name}.test.ts`;

const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.some((name) => moduleId.endsWith(tests(name)));

const size = ({ moduleId }: TestSpecification): number => statSync(moduleId).size;

/** Quick files first, and small ones first of these: mostly they test one thing, and the first test that fails ends the run. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => Number(isSlow(a)) - Number(isSlow(b)) || size(a) - size(b));
  }
}

export default {
  ...workspace,
  test: {
    ...workspace.test,
    include: FOLDERS.map((folder) => tests(`${folder}/**/*`)),
    exclude: EXCLUDED.map(tests),
    execArgv: [], // threads take no --expose-gc
    setupFiles: ['mutants/gc.ts'],
    isolate: false, // a thread for each file would take most of the time
    testTimeout: 15_000, // more than any takes on a busy machine
    sequence: { sequencer: QuickFirst },
  },
};
