/** A small operation whose time is measured. */
export interface Subject {
  readonly name: string;
  /** How many operations one call of `run` does; the time is given for one. */
  readonly operations: number;
  /** Does them; the result depends on all the work, so that the compiler cannot omit any. */
  readonly run: () => number;
  /** Checks the result of `run`: a subject that does not do its work is not measured. */
  readonly isRight: (answer: number) => boolean;
}
