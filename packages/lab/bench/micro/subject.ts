/** Something small whose time is measured. */
export interface Subject {
  readonly name: string;
  /** How many operations one call of `run` does; the time is given for one. */
  readonly operations: number;
  /** Does them; answers something that depends on all of it, so that nothing can be left out. */
  readonly run: () => number;
  /** Checks the result of `run`: a subject that does not do its work is not measured. */
  readonly isRight: (answer: number) => boolean;
}
