import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Role } from '@navalis/config';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { carryOutCommandLine } from '../../src/program/command-line.ts';
import { subcommands, subcommandsOf } from '../../src/program/subcommands.ts';

let folder: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'navalis-program-'));
  writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.3" }');
  printed = '';
  const print = (text: unknown): boolean => {
    printed += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(print);
  vi.spyOn(process.stderr, 'write').mockImplementation(print);
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function carryOut(role: Role, ...args: readonly string[]): Promise<number> {
  const entry = pathToFileURL(join(folder, 'dist', 'main.js')).href;
  return carryOutCommandLine({ role, description: 'A program.', entry }, [...args, '--config', '/dev/null'], () => {
    throw new Error('No data plane is wanted.');
  });
}

describe('the command line', () => {
  it('lists each command and its options in the help, from the table', async () => {
    expect(await carryOut('client', '--help')).toBe(0);
    const help = printed.replaceAll(/\s+/g, ' ');
    for (const { name, summary, options = [] } of subcommandsOf('client')) {
      expect(help).toContain(name);
      expect(help).toContain(summary);
      for (const { flags } of options) expect(help).toContain(flags);
    }
    expect(help).toMatch(/--json status, diagnose[a-z, ]*: print JSON/);
  });

  it('lists each command on a line of its own in the help, and each argument once', async () => {
    expect(await carryOut('client', '--help')).toBe(0);
    expect(printed).toMatch(/\n {2}run +run until SIGTERM or SIGINT \(default\)\n {2}check +validate/);
    expect(printed).toMatch(/\n {2}trace ADDRESS +tell .*\n(?: {6}.*\n)*? {2}decode ADDRESS\|FILE\|- +explain /);
    expect(printed.match(/the IPv6 address of a peer/g)).toHaveLength(1);
  });

  it('of a server leaves out the commands for peers, which it refuses with a sentence', async () => {
    expect(await carryOut('server', '--help')).toBe(0);
    expect(printed).toMatch(/\n {2}status .*\n {2}decode /);
    expect(printed).not.toMatch(/^ +(?:peers|ping|trace) |--(?:watch|limit|sort|count)|ADDRESS {2}/m);
    expect(await carryOut('server', 'start')).toBe(2);
    expect(printed).toContain('the commands are run, check, status, decode and help.');
    printed = '';
    expect(await carryOut('server', 'peers', '--limit', '5', '--status-socket', '/nonexistent/socket')).toBe(1);
    expect(printed).toContain('not running');
  });

  it('refuses a last day of service that has passed, in a check as at the start', async () => {
    const check = ['check', '--primary-address', '8.8.8.8', '--sunset'];
    expect(await carryOut('server', ...check, '2020-06-30')).toBe(10);
    expect(printed).toBe('teredo-server: Service ended after 2020-06-30 (key sunset).\n');
    expect(await carryOut('server', ...check, '2999-06-30')).toBe(0);
  });

  it('of a host-specific relay diagnoses for its client, which it has in mode auto', async () => {
    expect(subcommandsOf('host-relay').map(({ name }) => name)).toContain('diagnose');
    expect(await carryOut('host-relay', 'diagnose', '--mode', 'relay')).toBe(2);
    expect(printed).toMatch(/^teredo-host-relay: This program asks no server, .* Set mode to "auto", or use /);
    printed = '';
    expect(await carryOut('host-relay', 'diagnose', '--mode', 'auto', '--server', '8.8.8.8', '--lifetime', '5')).toBe(
      2,
    );
    expect(printed).toContain('--lifetime "5" must be a whole number of seconds');
  });

  it('has the commands of its role only', async () => {
    expect(await carryOut('relay', 'diagnose')).toBe(2);
    expect(printed).toContain('There is no command "diagnose": the commands are run, check, status');
  });

  it('refuses an option of another command, and arguments that the command does not take', async () => {
    expect(await carryOut('client', 'check', '--server', '8.8.8.8', '--json')).toBe(2);
    expect(printed).toContain('The command check does not take the option --json.');
    expect(await carryOut('client', 'check', 'twice', '--server', '8.8.8.8')).toBe(2);
  });
});

it('has one short line for each command, and operands in capitals', () => {
  for (const { name, summary, operands = [] } of subcommands) {
    expect(name).toMatch(/^[a-z]+$/);
    expect(summary).toMatch(/^[a-z][^\n]{0,119}[^.\n]$/);
    for (const operand of operands) expect(operand.name).toMatch(/^[A-Z|-]+$/);
  }
  expect(new Set(subcommands.map(({ name }) => name)).size).toBe(subcommands.length);
});
