import { readFileSync } from 'node:fs';
import { addConfigurationFlags, configurationFlags, type Role } from '@navalis/config';
import { failureLine } from '@navalis/telemetry';
import { Argument, Command, CommanderError, type Help } from 'commander';
import { NavalisError } from '../navalis-error.ts';
import type { DataPlaneStarter } from '../worker/data-plane-handle.ts';
import { failureStatus } from './failure-status.ts';
import type { Program } from './program.ts';
import type { Subcommand } from './subcommand.ts';
import { addSubcommandOptions, subcommandOptions } from './subcommand-options.ts';
import { listedSubcommandsOf, subcommandsOf } from './subcommands.ts';

/** Executes the command line; returns the exit status. */
export async function carryOutCommandLine(
  program: Program,
  args: readonly string[],
  dataPlane: () => DataPlaneStarter,
): Promise<number> {
  try {
    return await carryOut(program, args, dataPlane);
  } catch (error) {
    if (error instanceof CommanderError) return usageOutcome(error, program.role);
    const known = error instanceof NavalisError ? error : unexpected(error);
    process.stderr.write(failureLine(`teredo-${program.role}: ${known.message}`));
    return failureStatus(known.code);
  }
}

async function carryOut(program: Program, args: readonly string[], dataPlane: () => DataPlaneStarter): Promise<number> {
  const { role } = program;
  const version = versionOf(program.entry);
  const command = createCommand(program, version);
  command.parse(args[0] === 'help' ? ['--help'] : args, { from: 'user' });
  const [name, operands = []] = command.processedArgs as [string, (readonly string[])?];
  const called = subcommandNamed(name, role);
  requireOperands(called, operands);
  const options = subcommandOptions(command, called, role);
  return called.run({ program, version, sources: configurationFlags(command, role), operands, options, dataPlane });
}

/** @throws NavalisError `configuration` for a command that the program does not have. */
function subcommandNamed(text: string, role: Role): Subcommand {
  const called = subcommandsOf(role).find(({ name }) => name === text);
  if (called !== undefined) return called;
  const names = listedSubcommandsOf(role)
    .map(({ name }) => name)
    .join(', ');
  throw new NavalisError('configuration', `There is no command "${text}": the commands are ${names} and help.`);
}

/** @throws NavalisError `configuration` unless each operand of the command has its value. */
function requireOperands({ name, operands = [] }: Subcommand, given: readonly string[]): void {
  if (given.length === operands.length) return;
  const wanted = operands.length === 0 ? 'no argument' : operands.map((each) => each.name).join(' ');
  throw new NavalisError('configuration', `The command ${name} takes ${wanted}; ${given.length} given.`);
}

function createCommand(program: Program, version: string): Command {
  const command = new Command(`teredo-${program.role}`);
  command
    .description(program.description)
    .addArgument(new Argument('[command]').default('run'))
    .addArgument(new Argument('[arguments...]'))
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ formatHelp: (_, helper) => helpText(program, command, helper) })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  addSubcommandOptions(command, program.role);
  addConfigurationFlags(command, program.role);
  return command;
}

/** Returns the help: each command on a line of its own, then each operand once, then the options. */
function helpText({ role, description }: Program, command: Command, helper: Help): string {
  const commands = listedSubcommandsOf(role);
  const usages = commands.map(({ name, summary, operands = [] }): HelpItem => {
    const term = [name, ...operands.map((each) => each.name)].join(' ');
    return [term, name === 'run' ? `${summary} (default)` : summary];
  });
  const operands = commands
    .flatMap((each) => each.operands ?? [])
    .map(({ name, summary }): HelpItem => [name, summary]);
  const options = helper
    .visibleOptions(command)
    .map((option): HelpItem => [helper.optionTerm(option), helper.optionDescription(option)]);
  return [
    `Usage: ${helper.commandUsage(command)}\n\n${description}\n`,
    helpSection('Commands', [...usages, ['help', 'print this help']], helper),
    helpSection('Arguments', [...new Map(operands)], helper),
    helpSection('Options', options, helper),
  ].join('\n');
}

/** A term, and its explanation beside it. */
type HelpItem = readonly [term: string, explanation: string];

function helpSection(title: string, items: readonly HelpItem[], helper: Help): string {
  const width = Math.max(...items.map(([term]) => term.length));
  const lines = items.map(([term, explanation]) => helper.formatItem(term, width, explanation, helper));
  return `${title}:\n${lines.join('\n')}\n`;
}

/** Handles the error of commander, which also throws after it printed help or version. */
function usageOutcome(error: CommanderError, role: Role): number {
  if (error.exitCode === 0) return 0;
  const sentence = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  process.stderr.write(
    failureLine(`teredo-${role}: ${sentence}${/[.?)]$/.test(sentence) ? '' : '.'} See --help for what is allowed.`),
  );
  return 2;
}

function versionOf(entry: string): string {
  const text = readFileSync(new URL('../package.json', entry), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function unexpected(error: unknown): NavalisError {
  const reason = error instanceof Error ? error.message : String(error);
  return new NavalisError('internal', `Unexpected failure: ${reason}`, error);
}
