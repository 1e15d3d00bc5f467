import type { MutantState } from '../job.ts';
import { type CollectedTest, errorOf, type LoadedFile, type MeasuredTest } from './loaded-tests.ts';
import { activate, deactivate } from './switches.ts';

export interface Outcome {
  readonly state: MutantState;
  /** The test that noticed. */
  readonly test?: string;
}

/** With a mutant, a test may run this many times as long as without, and some more. */
const callFactor = 50;
const callAllowance = 100_000;
/** Fast tests pass by the thousand. */
const passedSpacingMs = 500;
/** For loading a test file, and for a test whose modules were loaded with the mutant. */
const loadedCallLimit = 50_000_000;

/** A measured test in its file. */
interface TestOfFile extends MeasuredTest {
  readonly file: LoadedFile;
}

/** Tries mutants on the tests that reach them. */
export class Trial {
  readonly #files: readonly LoadedFile[];
  readonly #tests: readonly TestOfFile[];
  readonly #passed: () => void;
  /** By file, the names of tests that it has, and that are not among those to run. */
  readonly #leftOut: ReadonlyMap<LoadedFile, ReadonlySet<string>>;
  #toldAt = 0;

  /** Calls `passed` now and then, when tests pass with a mutant. */
  constructor(files: readonly LoadedFile[], tests: readonly TestOfFile[], passed: () => void) {
    this.#files = files;
    this.#passed = passed;
    // The fastest first: most mutants fail in any test that reaches them.
    this.#tests = [...tests].sort((left, right) => left.milliseconds - right.milliseconds);
    this.#leftOut = new Map(
      files.map((file) => {
        const chosen = new Set(tests.filter((test) => test.file === file).map(({ name }) => name));
        return [file, new Set(file.tests.map(({ name }) => name).filter((name) => !chosen.has(name)))];
      }),
    );
  }

  async outcomeOf(id: string): Promise<Outcome> {
    const loading = this.#files.filter((file) => file.reachedByLoading.has(id));
    const reaching = this.#tests.filter(({ file, reaches }) => reaches.has(id) && !loading.includes(file));
    if (loading.length === 0 && reaching.length === 0) return { state: 'not covered' };
    for (const test of reaching) {
      const outcome = await this.#failureOf(id, test);
      if (outcome !== undefined) return outcome;
      this.#tellPassed();
    }
    return loading.length === 0 ? { state: 'survived' } : await this.#loadedWith(id, loading);
  }

  #tellPassed(): void {
    const now = performance.now();
    if (now - this.#toldAt < passedSpacingMs) return;
    this.#toldAt = now;
    this.#passed();
  }

  async #failureOf(id: string, { file, name, calls }: TestOfFile): Promise<Outcome | undefined> {
    const limit = callFactor * calls + callAllowance;
    await file.refresh();
    const outcome = await failureWith(id, limit, file.test(name));
    if (outcome === undefined || (await errorOf(file.test(name))) === undefined) return outcome;
    // It fails without the mutant, too: an earlier one left something behind in a module.
    await file.reload();
    const again = await failureWith(id, limit, file.test(name));
    file.spoil();
    return again;
  }

  /** For what is decided when a module is loaded: the modules are loaded with the mutant, once for each test file. */
  async #loadedWith(id: string, files: readonly LoadedFile[]): Promise<Outcome> {
    let broken = false;
    for (const file of files) {
      activate(id, loadedCallLimit);
      try {
        await file.reload();
      } catch {
        broken = true;
        continue;
      } finally {
        deactivate();
        file.spoil();
      }
      for (const test of file.tests) {
        if (this.#leftOut.get(file)!.has(test.name)) continue;
        const outcome = await failureWith(id, loadedCallLimit, test);
        if (outcome !== undefined) return outcome;
        this.#tellPassed();
      }
    }
    return { state: broken ? 'not runnable' : 'survived' };
  }
}

async function failureWith(id: string, limit: number, test: CollectedTest): Promise<Outcome | undefined> {
  activate(id, limit);
  const error = await errorOf(test);
  const looped = deactivate();
  if (looped) return { state: 'timeout', test: test.name };
  return error === undefined ? undefined : { state: 'killed', test: test.name };
}
