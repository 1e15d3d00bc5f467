import type { Role } from '@navalis/config';
import { listedSubcommandsOf } from './subcommands.ts';

/** An operand or an option of a command. */
export interface ParameterDescription {
  /** An operand in capitals, or an option in the notation of commander, as in `--lifetime <SECONDS>`. */
  readonly name: string;
  readonly summary: string;
}

/** A command of the programs in words, for manual pages and the completions of shells. */
export interface CommandDescription {
  readonly name: string;
  /** One line without a full stop. */
  readonly summary: string;
  readonly operands: readonly ParameterDescription[];
  /** The options besides the keys of the configuration. */
  readonly options: readonly ParameterDescription[];
}

/** Returns the commands of a program, in the order of its help. */
export function commandDescriptions(role: Role): readonly CommandDescription[] {
  return listedSubcommandsOf(role).map(({ name, summary, operands = [], options = [] }) => ({
    name,
    summary,
    operands: operands.map((each) => ({ name: each.name, summary: each.summary })),
    options: options.map((each) => ({ name: each.flags, summary: each.summary })),
  }));
}
