import { defineConfig } from 'vitest/config';

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
    // The report is what .ci/test.mjs adds up.
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/test-report.json' }]],
  },
});
