import { vi } from 'vitest';
import { type CollectedTest, startCollecting } from './collect.ts';
import { reachOf } from './switches.ts';

export type { CollectedTest } from './collect.ts';

/** A test with what it did when no mutant was on. */
export interface MeasuredTest {
  readonly name: string;
  readonly milliseconds: number;
  /** The mutants that it reaches. */
  readonly reaches: ReadonlySet<string>;
  /** How often it asks for one. */
  readonly calls: number;
}

/** One test file with its own instances of the modules under test. */
export class LoadedFile {
  readonly path: string;
  /** The mutants that are reached while its modules are loaded. */
  readonly reachedByLoading: ReadonlySet<string>;
  #tests: readonly CollectedTest[];
  #spoiled = false;

  private constructor(path: string, tests: readonly CollectedTest[], reached: ReadonlySet<string>) {
    this.path = path;
    this.#tests = tests;
    this.reachedByLoading = reached;
  }

  static async load(path: string): Promise<LoadedFile> {
    let tests: readonly CollectedTest[] = [];
    const { mutants } = await reachOf(async () => {
      tests = await collect(path);
    });
    return new LoadedFile(path, tests, mutants);
  }

  get tests(): readonly CollectedTest[] {
    return this.#tests;
  }

  test(name: string): CollectedTest {
    const found = this.#tests.find((test) => test.name === name);
    if (found === undefined) throw new Error(`${this.path} has no test "${name}" any more.`);
    return found;
  }

  /** Loads it afresh, with whatever mutant is on; all its modules forget what they knew. */
  async reload(): Promise<void> {
    this.#spoiled = false;
    this.#tests = await collect(this.path);
  }

  /** Its modules were loaded with a mutant, or keep something of one. */
  spoil(): void {
    this.#spoiled = true;
  }

  /** Reloads it when it was spoiled. */
  async refresh(): Promise<void> {
    if (this.#spoiled) await this.reload();
  }
}

/** Runs each test once; returns what those did that passed. */
export async function measure(file: LoadedFile): Promise<MeasuredTest[]> {
  const measured: MeasuredTest[] = [];
  for (const test of file.tests) {
    const start = performance.now();
    let error: unknown;
    const { mutants, calls } = await reachOf(async () => {
      error = await errorOf(test);
    });
    if (error !== undefined) continue;
    const milliseconds = performance.now() - start;
    measured.push({ name: test.name, milliseconds, reaches: mutants, calls });
  }
  return measured;
}

/** The error of a test, or undefined when it passes. */
export async function errorOf(test: CollectedTest): Promise<unknown> {
  try {
    await test.run();
    return undefined;
  } catch (error) {
    return error ?? new Error('thrown without an error');
  }
}

async function collect(path: string): Promise<readonly CollectedTest[]> {
  vi.resetModules();
  const tests = startCollecting();
  await import(/* @vite-ignore */ path);
  return tests;
}
