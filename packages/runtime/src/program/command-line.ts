import { readFileSync } from 'node:fs';
import {
  addConfigurationFlags,
  type ConfigurationSources,
  configurationFlags,
  loadConfiguration,
  loadStatusSocket,
  type Role,
} from '@navalis/config';
import { failureLine } from '@navalis/telemetry';
import { Argument, Command, CommanderError } from 'commander';
import { NavalisError } from '../navalis-error.ts';
import { hostTime } from '../scheduling/time.ts';
import { askStatus } from '../status/ask-status.ts';
import { statusPage } from '../status/status-page.ts';
import type { DataPlaneStarter } from '../worker/data-plane-handle.ts';
import { failureStatus } from './failure-status.ts';
import type { Program } from './program.ts';
import { runUntilSignal } from './run-until-signal.ts';

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
  const name = commandNamed(command.processedArgs[0] as string, role);
  const sources = configurationFlags(command, role);
  switch (name) {
    case 'run':
      await runUntilSignal(role, version, sources, dataPlane());
      break;
    case 'check':
      process.stdout.write(`${checkedSentences(role, sources)}\n`);
      break;
    case 'status': {
      const report = await askStatus(loadStatusSocket(role, sources));
      const isJson = command.opts<{ json?: true }>().json === true;
      process.stdout.write(isJson ? `${JSON.stringify(report, undefined, 2)}\n` : statusPage(report, hostTime.wall()));
      break;
    }
    case 'diagnose': {
      // Loaded only for this command.
      const { carryOutDiagnosis } = await import('../diagnosis/carry-out-diagnosis.ts');
      const { json, lifetime, nativeTarget } = command.opts<DiagnosisFlags>();
      const request = { isJson: json === true, lifetime, nativeTarget };
      return carryOutDiagnosis(loadConfiguration('client', sources), request);
    }
  }
  return 0;
}

interface DiagnosisFlags {
  readonly json?: true;
  readonly lifetime?: string;
  readonly nativeTarget?: string;
}

type CommandName = 'run' | 'check' | 'status' | 'diagnose';

/** @throws NavalisError `configuration` for a command that the program does not have. */
function commandNamed(text: string, role: Role): CommandName {
  const names: readonly CommandName[] =
    role === 'client' ? ['run', 'check', 'status', 'diagnose'] : ['run', 'check', 'status'];
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  const sentence = `There is no command "${text}": the commands are ${names.join(', ')} and help.`;
  throw new NavalisError('configuration', sentence);
}

function createCommand(program: Program, version: string): Command {
  const command = new Command(`teredo-${program.role}`);
  const isClient = program.role === 'client';
  const what = 'run; check: validate the configuration and touch nothing; status: ask the running program';
  const diagnosing = isClient
    ? '; diagnose: find out what NAT this host is behind and which peers it reaches, and leave nothing behind'
    : '';
  command
    .description(program.description)
    .addArgument(new Argument('[command]', `${what}${diagnosing}; help: print this help`).default('run'))
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--json', isClient ? 'status, diagnose: print JSON' : 'status: print JSON')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  if (isClient) {
    command
      .option('--lifetime <SECONDS>', 'diagnose: also find out, up to this, how long a mapping lives')
      .option('--native-target <ADDRESS>', 'diagnose: the IPv6 host to ping, or none (default 2001:4860:4860::8888)');
  }
  addConfigurationFlags(command, program.role);
  return command;
}

function checkedSentences(role: Role, sources: ConfigurationSources): string {
  const { warnings } = loadConfiguration(role, sources);
  return ['The configuration is valid.', ...warnings].join('\n');
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
