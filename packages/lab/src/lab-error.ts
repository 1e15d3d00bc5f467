/** A step of the laboratory that failed; `message` is a sentence for the person at the terminal. */
export class LabError extends Error {
  override readonly name: string = 'LabError';
}
