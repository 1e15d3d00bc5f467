import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { NavalisError } from '../navalis-error.ts';
import { type InterfaceState, parseInterfaceState, parseRules, ruleShow, stateCommands } from './interface-state.ts';
import type { RoutingRule } from './routing-rules.ts';

/** Reads the state of an interface, and restores its IPv6 switch. */
export interface InterfaceAccess {
  /**
   * Undefined when there is no interface of this name. Rejects when the state cannot be read. Routes of other tables than main, and
   * rules, are read with `withRules` alone.
   */
  read(name: string, withRules?: boolean): Promise<InterfaceState | undefined>;
  /** Returns the rules of clients on this host. Rejects when they cannot be read. */
  readRules(): Promise<readonly RoutingRule[]>;
  /** Returns a cheap fingerprint that changes with most of the state that `read` returns; it omits routes. */
  sign(name: string): string;
  /** @throws Error when the switch cannot be written. */
  enableIpv6(name: string): void;
}

export const hostInterfaces: InterfaceAccess = {
  async read(name, withRules = false) {
    const text = await readByIp(stateCommands(name, withRules), withRules);
    if (text === undefined) return undefined;
    return parseInterfaceState(text, {
      isIpv6Disabled: ipv6Switch(name) === '1',
      isIpv6DisabledEverywhere: ipv6Switch('all') === '1',
    });
  },
  async readRules() {
    return parseRules((await readByIp([ruleShow], true)) ?? '');
  },
  sign(name) {
    const addresses = readText('/proc/net/if_inet6').split('\n');
    const own = addresses.filter((line) => line.endsWith(` ${name}`));
    const link = ['flags', 'mtu', 'ifindex'].map((file) => readText(`/sys/class/net/${name}/${file}`));
    return [...link, ipv6Switch(name), ...own].join();
  },
  enableIpv6(name) {
    writeFileSync(switchPath(name), '0');
  },
};

function ipv6Switch(name: string): string {
  return readText(switchPath(name));
}

function switchPath(name: string): string {
  return `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Returns the output of one `ip` process; undefined when there is no such interface. */
function readByIp(commands: readonly (readonly string[])[], isNumeric: boolean): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const numeric = isNumeric ? ['-N'] : [];
    const child = spawn('ip', [...numeric, '-6', '-json', '-batch', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (errors.length < 4096) errors += text;
    });
    child.on('error', (error) => reject(unreadable(error.message)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else if (/does not exist|Cannot find device/.test(errors)) resolve(undefined);
      else reject(unreadable(errors.split('\n')[0] ?? ''));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(commands.map((command) => `${command.join(' ')}\n`).join(''));
  });
}

function unreadable(reason: string): NavalisError {
  return new NavalisError('command-failed', `The command ip cannot read it: ${reason}.`);
}
