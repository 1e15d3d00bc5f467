import { readFileSync } from 'node:fs';
import {
  addConfigurationFlags,
  type ConfigurationByRole,
  type ConfigurationSources,
  configurationFlags,
  loadConfiguration,
  loadStatusSocket,
  type Role,
} from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import { Argument, Command, CommanderError } from 'commander';
import { askStatus } from '../status/ask-status.ts';
import { statusPage } from '../status/status-page.ts';
import type { ControlContext, RoleControl } from './role-control.ts';
import { runUntilSignal } from './run-until-signal.ts';

/** One of the four programs. */
export interface Program<R extends Role> {
  readonly role: R;
  readonly description: string;
  /** `import.meta.url` of the program's entry; its `data-plane.js` lies beside it, its package.json one folder up. */
  readonly entry: string;
  readonly createControl: (configuration: ConfigurationByRole[R], context: ControlContext) => RoleControl;
}

/** Parses the command line, does what it says and ends the process: 0 done, 1 failed, 2 configuration mistake. */
export async function runProgram<R extends Role>(
  program: Program<R>,
  args: readonly string[] = process.argv.slice(2),
): Promise<never> {
  process.exit(await outcomeOf(program, args));
}

async function outcomeOf<R extends Role>(program: Program<R>, args: readonly string[]): Promise<number> {
  try {
    await carryOut(program, args);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return usageOutcome(error, program.role);
    const known = error instanceof NavalisError ? error : unexpected(error);
    process.stderr.write(`teredo-${program.role}: ${known.message}\n`);
    return known.code === 'configuration' ? 2 : 1;
  }
}

async function carryOut<R extends Role>(program: Program<R>, args: readonly string[]): Promise<void> {
  const { role } = program;
  const version = versionOf(program.entry);
  const command = createCommand(program, version);
  command.parse(args, { from: 'user' });
  const sources = configurationFlags(command, role);
  switch (command.processedArgs[0] as CommandName) {
    case 'run':
      await runUntilSignal(program, version, sources);
      break;
    case 'check':
      process.stdout.write(`${checkedSentence(role, sources)}\n`);
      break;
    case 'status': {
      const report = await askStatus(loadStatusSocket(role, sources), role);
      const isJson = command.opts<{ json?: true }>().json === true;
      process.stdout.write(isJson ? `${JSON.stringify(report, undefined, 2)}\n` : statusPage(report, Date.now()));
    }
  }
}

type CommandName = 'run' | 'check' | 'status';

function createCommand(program: Program<Role> | { role: Role; description: string }, version: string): Command {
  const command = new Command(`teredo-${program.role}`);
  const what = 'run; check: validate the configuration and touch nothing; status: ask the running program';
  command
    .description(program.description)
    .addArgument(new Argument('[command]', what).choices(['run', 'check', 'status']).default('run'))
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .option('--json', 'status: print JSON')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  addConfigurationFlags(command, program.role);
  return command;
}

function checkedSentence(role: Role, sources: ConfigurationSources): string {
  loadConfiguration(role, sources);
  return 'The configuration is valid.';
}

/** commander has printed help and version by itself and throws then, too. */
function usageOutcome(error: CommanderError, role: Role): number {
  if (error.exitCode === 0) return 0;
  const sentence = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  process.stderr.write(
    `teredo-${role}: ${sentence}${/[.?)]$/.test(sentence) ? '' : '.'} See --help for what is allowed.\n`,
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
