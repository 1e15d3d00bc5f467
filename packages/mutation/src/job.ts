/** The instructions for a process that runs mutants, as a JSON file. */
export interface Job {
  /** The top of the repository whose sources and tests are used. */
  readonly root: string;
  /** Absolute paths of the test files. */
  readonly testFiles: readonly string[];
  /** Leaves out tests that take longer, in milliseconds; undefined: none. */
  readonly longestTestMs: number | undefined;
  /** Instrumented sources by absolute path. */
  readonly code: Readonly<Record<string, string>>;
  /** In this order. */
  readonly mutants: readonly string[];
  /** Gets one line of JSON for each `Progress`. */
  readonly progressFile: string;
  /** Keeps what each test does, so that a process that takes over from one that hung need not run all tests again. */
  readonly measurementsFile: string;
}

/**
 * `killed`: a test failed. `survived`: all tests that reach it passed. `not covered`: no test reaches it. `timeout`: it
 * never ended, which counts as noticed. `not runnable`: the module cannot be loaded with it, which proves nothing.
 */
export type MutantState = 'killed' | 'survived' | 'not covered' | 'timeout' | 'not runnable';

/** Returns true if a test failed, or never ended. */
export function isNoticed(state: MutantState): boolean {
  return state === 'killed' || state === 'timeout';
}

export type Progress =
  | { readonly kind: 'ready'; readonly tests: number; readonly unstable: readonly string[] }
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'result'; readonly id: string; readonly state: MutantState; readonly test?: string }
  /** Another test passed with the mutant: the process works. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'done' }
  /** No test of a file passes without a mutant, or it cannot be loaded. */
  | { readonly kind: 'failed'; readonly reason: string };
