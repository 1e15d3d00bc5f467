import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NavalisError } from '../../navalis-error.ts';

/** One `ip -6` command as its arguments, such as `['link', 'set', 'dev', 'teredo', 'up']`. */
export type IpCommand = readonly string[];

/** Runs `ip -6` commands in order and stops at the first failure. */
export type IpRunner = (commands: readonly IpCommand[]) => Promise<void>;

/** Runs them in one `ip` process: a client's address must not wait for five processes. */
export const runIpCommands: IpRunner = (commands) =>
  new Promise((resolve, reject) => {
    const child = spawn('ip', ['-6', '-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let errorText = '';
    child.stderr.on('data', (chunk) => {
      if (errorText.length < 4096) errorText += chunk;
    });
    child.on('error', (error) => reject(commandMissing(error)));
    child.on('close', (code) => (code === 0 ? resolve() : reject(commandFailed(commands, errorText))));
    // When `ip` ends early, its exit code tells more than the broken pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(commands.map((command) => `${command.join(' ')}\n`).join(''));
  });

/**
 * Looks for the command without running it: a client's address must not wait for a process.
 * @throws NavalisError `command-failed` when there is none.
 */
export function requireIpCommand(environment: Readonly<Record<string, string | undefined>> = process.env): void {
  const { PATH: path = defaultPath } = environment;
  if (!path.split(delimiter).some((folder) => isExecutable(join(folder, 'ip')))) throw commandMissing();
}

/** The search path of execvp(3) without the variable PATH. */
const defaultPath = '/bin:/usr/bin';

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function commandMissing(error?: Error): NavalisError {
  const sentence = 'The command ip cannot be run: install the Debian package iproute2.';
  return new NavalisError('command-failed', sentence, error);
}

/** Returns the cure when another program of this host has the same route. */
function routeCure(command: IpCommand | undefined, reason: string): string {
  if (reason !== 'File exists' || command?.[0] !== 'route') return '';
  const table = command[command.indexOf('table') + 1];
  if (command.includes('table')) {
    const key = command[1] === 'append' ? 'announcement-table' : 'routing-table';
    return ` Another program uses this table, see "ip -6 route show table ${table}": choose another --${key}.`;
  }
  const isDefault = command[2] === 'default';
  const other = isDefault ? ', or --default-route false' : '';
  return ` Another route to ${command[2]} has this metric, see "ip -6 route show ${command[2]}": choose another --route-metric${other}.`;
}

/** `ip` names the failed line as "Command failed -:N". */
export function commandFailed(commands: readonly IpCommand[], errorText: string): NavalisError {
  const line = Number(/^Command failed -:(\d+)/m.exec(errorText)?.[1] ?? 1);
  const failed = (commands[line - 1] ?? []).join(' ');
  const reason = (errorText.split('\n')[0] ?? '').replace(/^(RTNETLINK answers|Error): /, '').replace(/\.$/, '');
  const code = reason.includes('Operation not permitted') ? 'no-privilege' : 'command-failed';
  const hint = /Permission denied|not supported|disabled/i.test(reason)
    ? ' (is IPv6 switched off here? see sysctl net.ipv6.conf.all.disable_ipv6)'
    : '';
  return new NavalisError(code, `"ip -6 ${failed}" failed: ${reason}${hint}.${routeCure(commands[line - 1], reason)}`);
}
