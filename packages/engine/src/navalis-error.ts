/** Stable codes of errors that reach the user. */
export type NavalisErrorCode =
  | 'configuration'
  | 'no-tunnel-device'
  | 'no-privilege'
  | 'address-in-use'
  | 'address-not-available'
  | 'descriptor-limit'
  | 'interface-taken'
  | 'interface-gone'
  | 'no-interface'
  | 'name-not-resolved'
  | 'ffi-not-loadable'
  | 'machine-not-supported'
  | 'no-global-ipv6'
  | 'command-failed'
  | 'already-running'
  | 'not-running'
  | 'system-call-failed'
  | 'sunset'
  | 'internal';

/** The one error class: a stable code, one sentence for the user, and what caused it. */
export class NavalisError extends Error {
  override readonly name = 'NavalisError';
  readonly code: NavalisErrorCode;
  /** The thing that is missing or wrong, such as an address or a name; undefined where the sentence is enough. */
  readonly evidence: string | undefined;

  constructor(code: NavalisErrorCode, sentence: string, cause?: unknown, evidence?: string) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.evidence = evidence;
  }
}
