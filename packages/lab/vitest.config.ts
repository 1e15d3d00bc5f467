import { defineConfig, mergeConfig } from 'vitest/config';
// @boundaries-ignore the one configuration of the repository
import shared from '../../vitest.config.ts';

/** Real time, real programs: three files at a time, since most of them wait most of the time, and patience. */
export default defineConfig(
  mergeConfig(shared, { test: { maxWorkers: 3, testTimeout: 120_000, hookTimeout: 90_000 } }),
);
