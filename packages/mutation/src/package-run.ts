import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instrumentPackage, type Mutant } from './instrument.ts';
import { isNoticed, type MutantState } from './job.ts';
import { describeMutant, type Justified, justifiedIn, keyOf } from './justified.ts';
import { type Result, runSession, testFilesOf } from './session.ts';

export interface Tried extends DescribedMutant {
  readonly state: MutantState;
  /** The test that noticed. */
  readonly test: string | undefined;
}

export interface PackageRun {
  readonly name: string;
  readonly tried: readonly Tried[];
  /** Tests left out, as they do not pass twice without a mutant. */
  readonly unstable: readonly string[];
  readonly seconds: number;
}

export interface RunOptions {
  /** The top of the repository whose sources and tests are used. */
  readonly root: string;
  /** Part of the path of the sources to mutate. */
  readonly file: string;
  readonly line: number | undefined;
  /** Folders with more tests, such as `packages/simnet`, for mutants that the package's own do not notice. Long tests are left out. */
  readonly moreTests: readonly string[];
  readonly processes: number;
}

interface DescribedMutant {
  readonly mutant: Mutant;
  readonly description: Justified;
  /** The justification, if there is one: why no test can notice it. */
  readonly reason: string | undefined;
}

export interface DescribedMutants {
  /** As of `Instrumented`. */
  readonly code: Readonly<Record<string, string>>;
  readonly described: readonly DescribedMutant[];
}

/** All mutants of a package, each with its description and its justification. */
export async function describedMutants(root: string, name: string): Promise<DescribedMutants> {
  const { code, mutants } = await instrumentPackage(root, name);
  const justified = new Map(justifiedIn(root, name).map((each) => [keyOf(each), each.reason]));
  const lines = new Map<string, readonly string[]>();
  const lineOf = ({ file, line }: Mutant) => {
    if (!lines.has(file)) lines.set(file, readFileSync(join(root, file), 'utf8').split('\n'));
    return lines.get(file)![line - 1]!;
  };
  const seen = new Map<string, number>();
  const described = mutants.map((mutant) => {
    const line = lineOf(mutant);
    const alike = keyOf(describeMutant(mutant, line, 0));
    const occurrence = (seen.get(alike) ?? 0) + 1;
    seen.set(alike, occurrence);
    const description = describeMutant(mutant, line, occurrence);
    return { mutant, description, reason: justified.get(keyOf(description)) };
  });
  return { code, described };
}

/** Long tests of another package rarely notice what short ones do not, and a survivor passes them all. */
const longestOtherTestMs = 500;

/** Tries the mutants of one package on its tests. */
export async function runPackage(name: string, options: RunOptions): Promise<PackageRun> {
  const start = performance.now();
  const { root, file, line, moreTests } = options;
  const { code, described } = await describedMutants(root, name);
  const chosen = described.filter(
    ({ mutant }) => mutant.file.includes(file) && (line === undefined || mutant.line === line),
  );
  const results: Map<string, Result> = new Map();
  const unstable: Set<string> = new Set();
  const tryOn = async (
    folders: readonly string[],
    mutants: readonly DescribedMutant[],
    longestTestMs: number | undefined = undefined,
  ) => {
    const testFiles = folders.flatMap((folder) => testFilesOf(root, folder));
    const sessions = shares(mutants, options.processes).map((share) =>
      runSession({ root, code, testFiles, longestTestMs, mutants: share.map(({ mutant }) => mutant.id) }),
    );
    for (const session of await Promise.all(sessions)) {
      for (const [id, result] of session.results)
        if (isNoticed(result.state) || !results.has(id)) results.set(id, result);
      for (const test of session.unstable) unstable.add(test);
    }
  };
  await tryOn([`packages/${name}`], chosen);
  if (moreTests.length > 0) {
    const left = chosen.filter(
      ({ mutant, reason }) => reason === undefined && !isNoticed(results.get(mutant.id)!.state),
    );
    await tryOn(moreTests, left, longestOtherTestMs);
  }
  return {
    name,
    tried: chosen.map(({ mutant, description, reason }) => {
      const { state, test } = results.get(mutant.id)!;
      return { mutant, state, test, description, reason };
    }),
    unstable: [...unstable],
    seconds: (performance.now() - start) / 1000,
  };
}

/** Every n-th for each, as mutants near each other take equally long. */
function shares<T>(all: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, share) => all.filter((_, index) => index % count === share)).filter(
    (share) => share.length > 0,
  );
}
