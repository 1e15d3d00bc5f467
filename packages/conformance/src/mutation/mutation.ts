/** A guard, and the change that removes it. */
export interface Mutation {
  readonly guard: string;
  /** Rows of the checklist that require it. */
  readonly rows: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file; otherwise the mutation is out of date, which counts as a failure. */
  readonly original: string;
  readonly mutant: string;
  /** Packages whose tests must fail. */
  readonly packages: readonly string[];
  /** A package and its command, which must run after a change of the file and again after its restoration. */
  readonly remake?: readonly [packageName: string, command: string];
}
