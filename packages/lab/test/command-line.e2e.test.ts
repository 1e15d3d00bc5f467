import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mainFile, type Role } from '../src/programs/navalis.ts';
import { repositoryPath } from '../src/repository.ts';

interface CommandLine {
  readonly role: Role;
  /** A key that only this role has. */
  readonly ownKey: string;
  /** Flags that make a valid configuration. */
  readonly good: readonly string[];
  readonly badValue: readonly string[];
  /** How the sentence on `badValue` begins. */
  readonly mistake: string;
}

const commandLines: readonly CommandLine[] = [
  {
    role: 'client',
    ownKey: 'server',
    good: ['--server', '8.8.8.8'],
    badValue: ['--server', '192.168.0.1'],
    mistake: 'server 192.168.0.1',
  },
  {
    role: 'server',
    ownKey: 'primary-address',
    good: ['--primary-address', '8.8.8.8'],
    badValue: ['--primary-address', '10.0.0.1'],
    mistake: 'primary-address 10.0.0.1',
  },
  {
    role: 'relay',
    ownKey: 'prefix',
    good: [],
    badValue: ['--prefix', '2001::/16'],
    mistake: '--prefix "2001::/16"',
  },
  {
    role: 'host-relay',
    ownKey: 'mode',
    good: [],
    badValue: ['--mode', 'sometimes'],
    mistake: '--mode "sometimes"',
  },
];

describe.each(commandLines)('teredo-$role', ({ role, ownKey, good, badValue, mistake }) => {
  const program = `teredo-${role}`;

  function run(...args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [mainFile(role), ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('prints its version', () => {
    const { version } = JSON.parse(readFileSync(repositoryPath(`apps/${role}/package.json`), 'utf8'));
    expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([['--help'], ['-h'], ['help'], ['help', 'status']])('explains its keys on %s', (...args) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`--${ownKey} <`);
    expect(stdout).toContain(`/run/teredo-${role}/status.sock`);
  });

  it('checks its configuration', () => {
    expect(run('check', '--config', '/dev/null', ...good)).toEqual({
      status: 0,
      stdout: 'The configuration is valid.\n',
      stderr: '',
    });
  });

  it.each([
    ['a value that is not allowed', badValue, mistake],
    ['an unknown flag', [...good, '--sever', 'x'], "unknown option '--sever'"],
    ['a flag without its value', [...good, '--log-level'], 'argument missing'],
    ['an unknown command', ['start', ...good], 'There is no command "start": the commands are run, check, status'],
  ])('ends with 2 and one sentence on %s', (_, args, part) => {
    const { status, stdout, stderr } = run('--config', '/dev/null', ...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(part);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says that nothing is running', () => {
    const { status, stderr } = run('status', '--status-socket', '/nonexistent/x.sock');
    expect(status).toBe(1);
    expect(stderr).toBe(`${program}: not running: nothing answers on /nonexistent/x.sock.\n`);
  });
});

it('only the client must have a server', () => {
  const help = (role: Role) =>
    spawnSync(process.execPath, [mainFile(role), '--help'], { encoding: 'utf8' }).stdout.replaceAll(/\s+/g, ' ');
  expect(help('client')).toMatch(/--server <HOST> [^<]*\(required\)/);
  expect(help('host-relay')).toMatch(/--server <HOST> [^<]*\(required with --mode auto, else refused\)/);
});

it.each([
  ['client', ['--server', '8.8.8.8', '--client-identifier', 'alice', '--secret-file'], 'short\n'],
  ['server', ['--primary-address', '8.8.8.8', '--client-keys'], 'alice hmac-sha1 short\n'],
] as const)('[CL-S-16] teredo-%s checks the file with secrets too', (role, flags, content) => {
  const folder = mkdtempSync(join(tmpdir(), 'navalis-check-'));
  const path = join(folder, 'secrets');
  const check = () =>
    spawnSync(process.execPath, [mainFile(role), 'check', '--config', '/dev/null', ...flags, path], {
      encoding: 'utf8',
    });
  writeFileSync(path, content, { mode: 0o600 });
  expect(check()).toMatchObject({ status: 0, stderr: '' });
  expect(check().stdout).toMatch(/^The configuration is valid\.\n[^\n]*128[^\n]*\n$/);
  rmSync(folder, { recursive: true });
  expect(check()).toMatchObject({ status: 2, stdout: '' });
  expect(check().stderr).toContain('it does not exist');
});
