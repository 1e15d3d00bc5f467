import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { addMutators } from './mutators.ts';

/** One change of one place. */
export interface Mutant {
  /** Unique in its package, as long as no source changes. */
  readonly id: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

export interface Instrumented {
  /** Code that has every mutant in it, by absolute path. */
  readonly code: Readonly<Record<string, string>>;
  readonly mutants: readonly Mutant[];
}

/** The test helpers of a package, a file or a folder with more, are not part of a program. */
const testHelpers = /^testing[./]/;

/** Puts all mutants into the sources of one package; each is switched on at run time. */
export async function instrumentPackage(root: string, name: string): Promise<Instrumented> {
  const folder = join(root, 'packages', name, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !testHelpers.test(file))
    .sort()
    .map((file) => ({ name: join(folder, file), mutate: true, content: readFileSync(join(folder, file), 'utf8') }));
  return await instrumentFiles(root, files);
}

export async function instrumentFiles(
  root: string,
  files: readonly { readonly name: string; readonly mutate: boolean; readonly content: string }[],
): Promise<Instrumented> {
  await addMutators();
  const { files: instrumented, mutants } = await new Instrumenter(silent).instrument(files, {
    plugins: null,
    ignorers: [],
    excludedMutations: [],
    noHeader: true,
  });
  const lines = new Map(files.map(({ name, content }) => [name, content.split('\n')]));
  return {
    code: Object.fromEntries(instrumented.map(({ name, content }) => [name, content])),
    mutants: mutants.map(({ id, fileName, location: { start, end }, mutatorName, replacement }) => ({
      id,
      file: fileName.slice(root.length).replace(/^\//, ''),
      line: start.line + 1,
      column: start.column + 1,
      mutator: mutatorName,
      original: textBetween(lines.get(fileName) ?? [], start, end),
      replacement: replacement ?? '',
    })),
  };
}

interface Position {
  readonly line: number;
  readonly column: number;
}

function textBetween(lines: readonly string[], start: Position, end: Position): string {
  const between = lines.slice(start.line, end.line + 1);
  between.push((between.pop() ?? '').slice(0, end.column));
  between.unshift((between.shift() ?? '').slice(start.column));
  return between.join('\n');
}

const nothing = () => {};
const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};
