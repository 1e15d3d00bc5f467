import type { ConfigurationSources, Role } from '@navalis/config';
import type { DataPlaneStarter } from '../worker/data-plane-handle.ts';
import type { Program } from './program.ts';

/** One command of the programs, as in `teredo-client status`. Help, completions and man pages are made from these fields. */
export interface Subcommand {
  readonly name: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** The programs that have this command; all of them by default. */
  readonly roles?: readonly Role[];
  /** The programs that only explain why they refuse this command; their help, completions and man pages leave it out. */
  readonly refusedBy?: readonly Role[];
  /** Its arguments besides options, in their order; all of them are required. */
  readonly operands?: readonly SubcommandOperand[];
  /** Its options, besides the keys of the configuration. */
  readonly options?: readonly SubcommandOption[];
  /** Carries the command out; resolves with the exit status. Its code is loaded by the call. */
  readonly run: (call: SubcommandCall) => Promise<number>;
}

interface SubcommandOperand {
  /** In capitals, as in `ADDRESS`. */
  readonly name: string;
  readonly summary: string;
}

export interface SubcommandOption {
  /** In the notation of commander, as in `--lifetime <SECONDS>`. */
  readonly flags: string;
  readonly summary: string;
}

/** The name that the user called. */
export interface SubcommandCall {
  readonly program: Program;
  readonly version: string;
  readonly sources: ConfigurationSources;
  readonly operands: readonly string[];
  /** The options that were set, by their name in camel case: `true`, or the text of the value. */
  readonly options: { readonly [name: string]: true | string };
  /** Starts the thread of the data plane. */
  readonly dataPlane: () => DataPlaneStarter;
}
