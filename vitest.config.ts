import { defineConfig } from 'vitest/config';
import { FailureReporter } from './.ci/failure-reporter.ts';

/** One configuration for all packages: tests run on the sources, nothing has to be built first. */
export default defineConfig({
  resolve: { conditions: ['navalis-source'] },
  ssr: { resolve: { conditions: ['navalis-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // A file that needs no test is not a suite that passed.
    passWithNoTests: false,
    maxWorkers: 2,
    // Virtual clocks make tests slow on a busy machine, never wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // .ci/test.mjs adds up the reports, and ends with the failures.
    reporters: [
      'default',
      ['json', { outputFile: 'node_modules/.cache/test-report.json' }],
      new FailureReporter('node_modules/.cache/test-failures.json'),
    ],
  },
});
