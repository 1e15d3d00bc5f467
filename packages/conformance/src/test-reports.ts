import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { idsIn } from './tagged-tests.ts';

/** The result of the last run of one package. */
export interface TestReport {
  /** Such as `packages/wire`. */
  readonly folder: string;
  /** IDs in the titles of tests that passed, and of the suites around them. */
  readonly proved: readonly string[];
  readonly passed: number;
  readonly failed: number;
  /** The report is older than a test file. */
  readonly outdated: boolean;
}

/** Reads the report of vitest's `json` reporter. */
export function readTestReport(text: string): Pick<TestReport, 'proved' | 'passed' | 'failed'> {
  const tests = (JSON.parse(text) as VitestReport).testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter((test) => test.status === 'passed');
  return {
    proved: [...new Set(passed.flatMap(({ fullName }) => idsIn(fullName)))],
    passed: passed.length,
    failed: tests.filter((test) => test.status === 'failed').length,
  };
}

/** Reads the reports of folders with tests, from where vitest.config.ts puts them; undefined where there is none. */
export function testReports(root: URL, folders: readonly string[]): Map<string, TestReport | undefined> {
  return new Map(
    folders.map((folder) => {
      const file = new URL(`${folder}/node_modules/.cache/test-report.json`, root);
      if (!existsSync(file)) return [folder, undefined];
      const written = statSync(file).mtimeMs;
      const tests = new URL(`${folder}/test/`, root);
      const outdated = readdirSync(tests, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .some((name) => statSync(new URL(name, tests)).mtimeMs > written);
      return [folder, { folder, outdated, ...readTestReport(readFileSync(file, 'utf8')) }];
    }),
  );
}

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
