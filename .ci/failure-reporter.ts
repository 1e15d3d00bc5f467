import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestError, TestModule } from 'vitest/node';

/** One failed test, suite or file, as `.ci/test.mjs` prints it after everything else. */
interface Failure {
  /** From the folder of the package. */
  readonly file: string;
  /** The titles of the suites and of the test; empty when the whole file failed. */
  readonly title: string;
  /** The first and last lines of the error, of its difference, and where it was thrown. */
  readonly lines: readonly string[];
}

const messageLines = 24;
const differenceLines = 14;
const lineLength = 200;

/** Writes the failures of a run to a file: the JSON report of vitest leaves out failed hooks and errors outside of tests. */
export class FailureReporter implements Reporter {
  readonly #outputFile: string;

  constructor(outputFile: string) {
    this.#outputFile = outputFile;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly TestError[]): void {
    const failures = [
      ...modules.flatMap(failuresOf),
      ...errors.map((error) => failure('', 'an error outside of all tests', [error])),
    ];
    mkdirSync(dirname(this.#outputFile), { recursive: true });
    writeFileSync(this.#outputFile, JSON.stringify(failures));
  }
}

function failuresOf(module: TestModule): Failure[] {
  const file = relative(process.cwd(), module.moduleId);
  const places = [
    { title: '', errors: module.errors() },
    ...[...module.children.allSuites()].map((suite) => ({ title: suite.fullName, errors: suite.errors() })),
    ...[...module.children.allTests('failed')].map((test) => ({
      title: test.fullName,
      errors: test.result().errors ?? [],
    })),
  ];
  return places.filter(({ errors }) => errors.length > 0).map(({ title, errors }) => failure(file, title, errors));
}

function failure(file: string, title: string, errors: readonly TestError[]): Failure {
  return { file, title, lines: errors.flatMap(linesOf) };
}

function linesOf({ name, message, diff, stacks }: TestError): string[] {
  const place = stacks?.[0];
  return [
    ...bothEnds(name === undefined || message.startsWith(name) ? message : `${name}: ${message}`, messageLines),
    ...bothEnds(diff ?? '', differenceLines),
    ...(place === undefined ? [] : [`at ${relative(process.cwd(), place.file)}:${place.line}`]),
  ];
}

function bothEnds(text: string, most: number): string[] {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, lineLength));
  if (lines.length <= most) return lines;
  const half = most / 2;
  return [...lines.slice(0, half), `... ${lines.length - most} more lines ...`, ...lines.slice(-half)];
}
