import type { Role } from '@navalis/config';
import { type Command, Option } from 'commander';
import { NavalisError } from '../navalis-error.ts';
import type { Subcommand, SubcommandCall } from './subcommand.ts';
import { listedSubcommandsOf, subcommandsOf } from './subcommands.ts';

/** Gives the command line the options of all commands; the help of each begins with the listed commands that take it. */
export function addSubcommandOptions(command: Command, role: Role): void {
  const takers = new Map<string, Map<string, string[]>>();
  const listed = listedSubcommandsOf(role);
  for (const { name, options = [] } of listed) {
    for (const { flags, summary } of options) {
      const summaries = takers.get(flags) ?? new Map<string, string[]>();
      takers.set(flags, summaries.set(summary, [...(summaries.get(summary) ?? []), name]));
    }
  }
  for (const [flags, summaries] of takers) {
    command.option(flags, [...summaries].map(([summary, names]) => `${names.join(', ')}: ${summary}`).join('; '));
  }
  const unlisted = subcommandsOf(role).filter((each) => !listed.includes(each));
  for (const flags of new Set(unlisted.flatMap(flagsOf))) {
    if (!takers.has(flags)) command.addOption(new Option(flags).hideHelp());
  }
}

/**
 * Returns the options of the called command that the command line set; call it after parsing.
 * @throws NavalisError `configuration` for an option of another command.
 */
export function subcommandOptions(command: Command, called: Subcommand, role: Role): SubcommandCall['options'] {
  const own = new Set(flagsOf(called));
  const values: Record<string, true | string> = {};
  for (const flags of new Set(subcommandsOf(role).flatMap(flagsOf))) {
    const option = new Option(flags);
    const value = command.getOptionValue(option.attributeName()) as true | string | undefined;
    if (value === undefined) continue;
    if (!own.has(flags)) {
      throw new NavalisError('configuration', `The command ${called.name} does not take the option ${option.long}.`);
    }
    values[option.attributeName()] = value;
  }
  return values;
}

function flagsOf({ options = [] }: Subcommand): string[] {
  return options.map(({ flags }) => flags);
}
