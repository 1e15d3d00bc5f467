import { type ConfigurationKey, defaultConfigurationPath, keysOf, type Role } from '@navalis/config';
import { type CommandDescription, commandDescriptions } from '@navalis/runtime';
import * as z from 'zod';
import { appManifest } from '../repository.ts';

/** The values that a shell can propose for an option. */
type Proposal =
  | { readonly kind: 'none' | 'file' | 'interface' }
  | { readonly kind: 'choices'; readonly choices: readonly string[] };

/** An option of a program as its manual page and its completions show it. */
export interface OptionText {
  /** Without the hyphens. */
  readonly name: string;
  /** Its short form, one letter. */
  readonly short: string | undefined;
  readonly placeholder: string | undefined;
  readonly description: string;
  readonly isRepeatable: boolean;
  readonly proposal: Proposal;
}

/** Everything about a program that its manual page and its completions show. */
export interface ProgramText {
  readonly role: Role;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly commands: readonly Pick<CommandDescription, 'name' | 'summary' | 'operands'>[];
  /** The options that are no keys first. */
  readonly options: readonly OptionText[];
}

/** Collects the texts of a program from the table of keys and the table of commands. */
export function programText(role: Role): ProgramText {
  const { name, version, description } = appManifest(role);
  const commands = commandDescriptions(role);
  const config = `TOML file with these keys (default: ${defaultConfigurationPath(role)} if it exists)`;
  return {
    role,
    name,
    version,
    description,
    commands: [...commands, { name: 'help', summary: 'print a list of all commands and options', operands: [] }],
    options: [
      plainOption('help', 'print a list of all commands and options'),
      plainOption('version', 'print the version'),
      ...commandOptions(commands),
      { ...plainOption('config', config), placeholder: 'PATH', proposal: { kind: 'file' } },
      ...keysOf(role).map((key) => keyOption(key, role)),
    ],
  };
}

/** Returns the options of all commands, each with the commands that take it. */
function commandOptions(commands: readonly CommandDescription[]): OptionText[] {
  const options = commands.flatMap((command) =>
    command.options.map((option) => ({ command: command.name, ...option })),
  );
  return [...new Set(options.map((option) => option.name))].map((flags) => {
    const [, short, name, placeholder] = /^(?:-([a-z]), )?--([a-z-]+)(?: <(.+)>)?$/.exec(flags) ?? [];
    if (name === undefined) throw new Error(`The option ${flags} has another notation than "-c, --count <NUMBER>".`);
    const same = options.filter((option) => option.name === flags);
    const summaries = [...new Set(same.map((option) => option.summary))].map((summary) => {
      const takers = same.filter((option) => option.summary === summary).map((option) => option.command);
      return `${takers.join(', ')}: ${summary}`;
    });
    return { ...plainOption(name, summaries.join('; ')), short, placeholder };
  });
}

/** Returns the description of a key in a role, without its default. */
export function keyDescription(key: ConfigurationKey, role: Role): string {
  return key.descriptionFor?.[role] ?? key.description;
}

/** Returns the values that a key takes as words: those of a choice, and words such as "off" beside a number. */
function choicesOf(key: ConfigurationKey): readonly string[] {
  const schema: unknown = z.toJSONSchema(key.schema, { io: 'input', unrepresentable: 'any' });
  return [...new Set(literalsIn(schema))];
}

function keyOption(key: ConfigurationKey, role: Role): OptionText {
  const fallback = key.defaultValue(role);
  const words = keyDescription(key, role);
  return {
    name: key.name,
    short: undefined,
    placeholder: key.placeholder,
    description: fallback === undefined ? words : `${words} (default: ${fallback})`,
    isRepeatable: key.type === 'list',
    proposal: proposalFor(key),
  };
}

function proposalFor(key: ConfigurationKey): Proposal {
  const choices = choicesOf(key);
  if (key.placeholder === 'PATH') return { kind: 'file' };
  if (key.placeholder === 'INTERFACE') return { kind: 'interface' };
  return choices.length > 0 ? { kind: 'choices', choices } : { kind: 'none' };
}

function plainOption(name: string, description: string): OptionText {
  return {
    name,
    short: undefined,
    placeholder: undefined,
    description,
    isRepeatable: false,
    proposal: { kind: 'none' },
  };
}

/** Finds the literals of a JSON schema. */
function literalsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const {
    const: literal,
    enum: literals = [],
    anyOf = [],
  } = schema as {
    const?: unknown;
    enum?: unknown[];
    anyOf?: unknown[];
  };
  return [literal, ...literals].filter((each) => typeof each === 'string').concat(anyOf.flatMap(literalsIn));
}
