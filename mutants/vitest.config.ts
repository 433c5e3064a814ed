import { statSync } from 'node:fs';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import workspace from '../vitest.config.ts';

/** Folders with tests that are quick and run in one process; a wrong change of the core is to be seen by them. */
const FOLDERS = ['rules', 'manager', 'tasks', 'resources', 'scaling', 'parity'];

/** These measure, or start processes, which run what is not mutated. */
const EXCLUDED = ['manager/memory', 'manager/cost-per-task', 'rules/rule-21-liveness'];

const tests = (name: string): string => `packages/tasker/test/${name}.test.ts`;

const size = ({ moduleId }: TestSpecification): number => statSync(moduleId).size;

/** Small files first: mostly they test one thing, and the first test that fails ends the run. */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => size(a) - size(b));
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
    sequence: { sequencer: SmallFirst },
  },
};
