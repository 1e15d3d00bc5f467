import { defineConfig, mergeConfig } from 'vitest/config';
// @boundaries-ignore the one configuration of the repository
import shared from '../../vitest.config.ts';

/** Real time, real programs: one file after the other, and patience. */
export default defineConfig(
  mergeConfig(shared, { test: { fileParallelism: false, testTimeout: 120_000, hookTimeout: 90_000, maxWorkers: 1 } }),
);
