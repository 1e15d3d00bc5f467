/** The code of the error that refuses the options of an engine. */
export type EngineErrorCode = 'configuration';

/**
 * The one error class: a stable code, one sentence for the user, and the cause. Each package declares the codes of its errors.
 */
export class NavalisError<Code extends string = string> extends Error {
  override readonly name = 'NavalisError';
  readonly code: Code;
  /** The thing that is missing or wrong, such as an address or a name; undefined where the sentence is enough. */
  readonly evidence: string | undefined;

  constructor(code: Code, sentence: string, cause?: unknown, evidence?: string) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.evidence = evidence;
  }
}
