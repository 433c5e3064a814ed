const FOLDERS = ['manager', 'flow', 'workers', 'reports', 'handles', 'tasks', 'resources', 'scaling'];

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: FOLDERS.map((folder) => `packages/tasker/src/${folder}/**/*.ts`),

  testRunner: 'vitest',
  vitest: { configFile: 'mutants/vitest.config.ts', related: false },
  // Only the tests that run the changed line, and no change of what runs when a module is loaded: it would have to be
  // loaded anew for each.
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  incrementalFile: 'mutants/reports/incremental.json',
  concurrency: 1,
  timeoutMS: 5_000,

  // TypeScript 7 has no API for JavaScript: types are stripped here, and checked by compiler.mjs afterwards.
  disableTypeChecks: false,
  tsconfigFile: 'mutants/none.json',

  tempDirName: 'mutants/sandbox',
  ignorePatterns: ['/benchmarks', '/coverage', '/docs', '/examples', '.oxlintrc.json'],
  allowEmpty: true,

  reporters: ['progress-append-only', 'json', 'html'],
  jsonReporter: { fileName: 'mutants/reports/mutation.json' },
  htmlReporter: { fileName: 'mutants/reports/mutation.html' },
  warnings: { slow: false },
};
