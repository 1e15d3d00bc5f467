import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIpv4, parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { NavalisError } from '@navalis/engine';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import {
  addConfigurationFlags,
  changedKeys,
  configurationFlags,
  ipv4PolicyOf,
  ipv6PolicyOf,
  keysOf,
  loadConfiguration,
  loadStatusSocket,
  type Role,
  roles,
} from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'navalis-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;

function file(text: string): string {
  const path = join(directory, `${++files}.toml`);
  writeFileSync(path, text);
  return path;
}

function load<R extends Role>(role: R, args: readonly string[], toml = '') {
  const command = new Command();
  addConfigurationFlags(command, role);
  command.parse([...args, '--config', file(toml)], { from: 'user' });
  return loadConfiguration(role, configurationFlags(command, role));
}

/** The sentence with which loading fails. */
function mistake(role: Role, args: readonly string[], toml = ''): string {
  try {
    load(role, args, toml);
  } catch (error) {
    expect(error).toBeInstanceOf(NavalisError);
    expect((error as NavalisError).code).toBe('configuration');
    const sentence = (error as NavalisError).message;
    expect(sentence).not.toContain('\n');
    expect(sentence).toMatch(/\.$/);
    return sentence;
  }
  throw new Error('the configuration was accepted');
}

describe('a configuration', () => {
  it('comes from a file and from flags, and flags win', () => {
    const toml = 'server = ["a.example", "8.8.4.4"]\nbind-port = 4000\nlog-level = "debug"';
    const configuration = load('client', ['--bind-port', '5000'], toml);
    expect(configuration).toMatchObject({ bindPort: 5000, logLevel: 'debug', interfaceName: 'teredo' });
    expect(configuration.servers).toEqual([
      { name: 'a.example', secondary: undefined },
      { name: '8.8.4.4', secondary: undefined },
    ]);
  });

  it('takes lists as repeated and as comma separated flags', () => {
    const configuration = load('client', ['--server', 'a.example,b.example', '--server', 'c.example']);
    expect(configuration.servers.map((server) => server.name)).toEqual(['a.example', 'b.example', 'c.example']);
  });

  it('takes a single text for a list in the file', () => {
    expect(load('client', [], 'server = "a.example"').servers).toHaveLength(1);
  });

  it('pairs secondary addresses with servers by position', () => {
    const configuration = load('client', ['--server', '8.8.8.8,1.1.1.1', '--server-secondary', '8.8.4.4']);
    expect(configuration.servers.map((server) => server.secondary)).toEqual([parseIpv4('8.8.4.4'), undefined]);
  });

  it('[CL-C-14] tries servers as they are listed unless another order is set', () => {
    expect(load('client', ['--server', 'a.example']).engine.serverOrder).toBe('listed');
    expect(load('client', ['--server', 'a.example'], 'server-order = "fastest"').engine.serverOrder).toBe('fastest');
    expect(load('client', ['--server', 'a.example', '--server-order', 'spread']).engine.serverOrder).toBe('spread');
    expect(mistake('client', ['--server', 'a.example', '--server-order', 'random'])).toBe(
      '--server-order "random" is not allowed: it takes "listed", "spread" or "fastest".',
    );
  });

  it('[CL-U-08] has a switch for the whole client, as a boolean or as text', () => {
    expect(load('client', ['--server', 'a.example']).isEnabled).toBe(true);
    expect(load('client', ['--server', 'a.example'], 'enabled = false').isEnabled).toBe(false);
    expect(load('client', ['--server', 'a.example', '--enabled', 'false']).isEnabled).toBe(false);
    expect(mistake('client', ['--enabled', 'no'])).toBe('--enabled "no" is not allowed: it takes true or false.');
  });

  it.each(roles)('[CL-U-12][SV-C-10] takes the last day of service of a %s, as a date or as text', (role) => {
    const needed = { client: ['--server', 'a.example'], server: ['--primary-address', '8.8.8.8'] };
    const args = role in needed ? needed[role as keyof typeof needed] : [];
    expect(load(role, args).sunset).toBeUndefined();
    expect(load(role, [...args, '--sunset', '2027-06-30']).sunset).toBe('2027-06-30');
    expect(load(role, args, 'sunset = 2027-06-30').sunset).toBe('2027-06-30');
    expect(load(role, args, 'sunset = "2028-02-29"').sunset).toBe('2028-02-29');
    for (const bad of ['2027-02-29', '30.06.2027', '2027-6-30', '2027-06-30T00:00:00Z', 'never']) {
      expect(mistake(role, [...args, '--sunset', bad])).toContain('it takes a date such as 2027-06-30.');
    }
    expect(mistake(role, args, 'sunset = 2027-06-30T12:00:00Z')).toContain('it takes a date');
  });

  it('lets the kernel choose the port of a client unless one is set', () => {
    expect(load('client', ['--server', 'a.example']).bindPort).toBe(0);
    expect(load('client', ['--server', 'a.example', '--bind-port', '4096']).bindPort).toBe(4096);
  });

  it('[CL-C-08] takes intervals in seconds, 30 s for refreshes unless another is set', () => {
    expect(load('client', ['--server', 'a.example']).engine.refreshIntervalMs).toBe(30_000);
    expect(load('client', ['--server', 'a.example', '--refresh-interval', '45']).engine.refreshIntervalMs).toBe(45_000);
    expect(load('client', ['--server', 'a.example'], 'fail-back-interval = 60').engine.probeIntervalMs).toBe(60_000);
  });

  it('[CL-U-10] closes nothing by default when idle', () => {
    expect(load('client', ['--server', 'a.example']).idleTimeoutMs).toBeUndefined();
    expect(load('client', ['--server', 'a.example'], 'idle-timeout = 600').idleTimeoutMs).toBe(600_000);
  });

  it('[UPNP-19] asks no router by default, and remembers in a directory of its own', () => {
    expect(load('client', ['--server', 'a.example'])).toMatchObject({
      portMapping: 'off',
      stateDirectory: '/var/lib/teredo-client',
    });
    const given = load('client', ['--server', 'a.example', '--port-mapping', 'auto'], 'state-directory = "/srv/x"');
    expect(given).toMatchObject({ portMapping: 'auto', stateDirectory: '/srv/x' });
    const relay = load('host-relay', ['--mode', 'auto', '--server', 'a.example', '--port-mapping', 'nat-pmp']);
    expect(relay.client).toMatchObject({ portMapping: 'nat-pmp', stateDirectory: '/var/lib/teredo-host-relay' });
  });

  it('[CL-D-01] determines the refresh interval only when told to', () => {
    expect(load('client', ['--server', 'a.example']).engine.refreshIntervalMs).toBe(30_000);
    expect(
      load('client', ['--server', 'a.example', '--refresh-interval', 'determine']).engine.refreshIntervalMs,
    ).toBeUndefined();
  });

  it('[CL-L-01b][CL-L-16] has local peer discovery off by default', () => {
    expect(load('client', ['--server', 'a.example']).discoveryInterface).toBeUndefined();
    expect(load('client', ['--server', 'a.example'], 'local-discovery = "eth0.2@x"').discoveryInterface).toBe(
      'eth0.2@x',
    );
  });

  it('[RL-A-04] puts relays on port 3544 unless another one is set', () => {
    for (const role of ['relay', 'host-relay'] as const) {
      expect(load(role, []).bindPort).toBe(3544);
      expect(load(role, ['--bind-port', '0']).bindPort).toBe(0);
    }
  });

  it('gives a server its primary address + 1 as the second one, or none if configured', () => {
    expect(load('server', ['--primary-address', '8.8.8.8']).secondary).toBe(parseIpv4('8.8.8.9'));
    expect(load('server', ['--primary-address', '8.8.8.8', '--secondary-address', 'none']).secondary).toBeUndefined();
    expect(load('server', ['--primary-address', '8.8.8.8', '--secondary-address', '8.8.4.4']).secondary).toBe(
      parseIpv4('8.8.4.4'),
    );
  });

  it('re-admits reserved ranges for laboratories', () => {
    const flags = ['--primary-address', '198.51.100.1', '--extra-global-ipv4', '198.51.100.0/24'];
    const configuration = load('server', flags);
    expect(ipv4PolicyOf(configuration).isGlobalUnicast(parseIpv4('198.51.100.7')!)).toBe(true);
    expect(ipv4PolicyOf(configuration).isGlobalUnicast(parseIpv4('203.0.113.7')!)).toBe(false);
  });

  it('[RL-A-09] of a relay serves the IPv6 Internet, or the ranges that are named', () => {
    const ranges = (...flags: string[]) => load('relay', flags).servedPrefixes;
    expect(ranges()).toEqual([parseIpv6Prefix('2000::/3')]);
    expect(ranges('--served-prefix', '2a00:1::/32,2a00:2::/32')).toEqual([
      parseIpv6Prefix('2a00:1::/32'),
      parseIpv6Prefix('2a00:2::/32'),
    ]);
  });

  it('[CL-U-03] has a metric of its routes by role, or one that is set, for each part of a host-specific relay', () => {
    const auto = ['--mode', 'auto', '--server', '8.8.8.8'];
    expect(load('client', ['--server', '8.8.8.8'])).toMatchObject({ routeMetric: 1_000_000, hasDefaultRoute: true });
    expect(load('relay', []).routeMetric).toBe(1024);
    expect(load('host-relay', auto)).toMatchObject({ routeMetric: 1024, client: { routeMetric: 1_000_000 } });
    const set = ['--route-metric', '7', '--default-route', 'false'];
    expect(load('client', ['--server', '8.8.8.8', ...set])).toMatchObject({ routeMetric: 7, hasDefaultRoute: false });
    expect(load('host-relay', [...auto, ...set])).toMatchObject({
      routeMetric: 7,
      client: { routeMetric: 7, hasDefaultRoute: false },
    });
  });

  it('[CL-U-16] has a routing table where one is set, for each part of a host-specific relay that is a client', () => {
    expect(load('client', ['--server', '8.8.8.8'])).toMatchObject({ routingTable: undefined });
    expect(load('client', ['--server', '8.8.8.8', '--routing-table', '252'])).toMatchObject({ routingTable: 252 });
    expect(load('client', [], 'server = "8.8.8.8"\nrouting-table = 256')).toMatchObject({ routingTable: 256 });
    const auto = ['--mode', 'auto', '--server', '8.8.8.8', '--routing-table', '77'];
    expect(load('host-relay', auto)).toMatchObject({ client: { routingTable: 77 } });
    for (const table of ['0', '253', '255', '4294967296', 'main']) {
      expect(mistake('client', ['--server', '8.8.8.8', '--routing-table', table])).toContain('from 256 to 4294967295');
    }
  });

  it('[RL-A-15][RT-08] has an announcement table and a time to drain where they are set', () => {
    expect(load('relay', [])).toMatchObject({ announcementTable: undefined, drainTimeMs: 0 });
    const flags = ['--announcement-table', '2001', '--drain-time', '40'];
    expect(load('relay', flags)).toMatchObject({ announcementTable: 2001, drainTimeMs: 40_000 });
    expect(mistake('relay', ['--announcement-table', '254'])).toContain('from 256 to 4294967295');
    const server = ['--primary-address', '8.8.8.8'];
    expect(load('server', [...server, '--drain-time', '3600'])).toMatchObject({ drainTimeMs: 3_600_000 });
    expect(mistake('server', [...server, '--drain-time', '3601'])).toContain('from 0 to 3600');
  });

  it('[SV-A-19a][SV-F-14][RL-T-19] has limits that can be set', () => {
    expect(load('server', ['--primary-address', '8.8.8.8']).engine).toMatchObject({
      solicitationsPerSecond: 50,
      solicitationsBurst: 200,
      forwardsPerSecond: 200,
    });
    const flags = ['--solicitations-per-second', '1', '--solicitations-burst', '2', '--forwards-per-second', '3'];
    expect(load('server', ['--primary-address', '8.8.8.8', ...flags]).engine).toMatchObject({
      solicitationsPerSecond: 1,
      solicitationsBurst: 2,
      forwardsPerSecond: 3,
    });
    expect(load('relay', []).engine.newClientsPerSecond).toBe(100);
    expect(load('relay', ['--new-clients-per-second', '4']).engine.newClientsPerSecond).toBe(4);
    // A larger table accepts more of them.
    expect(load('relay', ['--max-clients', '1000000']).engine.newClientsPerSecond).toBe(1526);
    expect(load('relay', ['--max-clients', '16']).engine.newClientsPerSecond).toBe(100);
  });

  it('of a client bounds its peers, also in the part of a host-specific relay', () => {
    const client = ['--server', '8.8.8.8'];
    expect(load('client', client).engine.peerCapacity).toBe(1024);
    expect(load('client', [...client, '--max-peers', '16']).engine.peerCapacity).toBe(16);
    expect(load('client', client, 'max-peers = 1000000').engine.peerCapacity).toBe(1_000_000);
    const auto = load('host-relay', [...client, '--mode', 'auto', '--max-peers', '32']);
    expect(auto.client?.engine.peerCapacity).toBe(32);
    for (const bad of ['15', '1000001', 'many']) {
      expect(mistake('client', [...client, '--max-peers', bad])).toContain(
        'it takes a whole number from 16 to 1000000.',
      );
    }
  });

  it('[XC-10][RL-T-20] has the extensions of RFC 6081 on by default, for a relay the one that is for relays', () => {
    const all = {
      symmetricNatSupport: true,
      portPreserving: true,
      sequentialPorts: true,
      hairpinning: true,
      serverLoadReduction: true,
    };
    const client = ['--server', '8.8.8.8'];
    expect(load('client', client).engine.extensions).toEqual(all);
    expect(load('host-relay', [...client, '--mode', 'auto']).client?.engine.extensions).toEqual(all);
    for (const role of ['relay', 'host-relay'] as const) {
      expect(load(role, []).engine.extensions).toEqual({ symmetricNatSupport: true });
      expect(load(role, [], 'symmetric-nat-support = false').engine.extensions).toEqual({ symmetricNatSupport: false });
    }
    const auto = load('host-relay', [...client, '--mode', 'auto', '--hairpinning-support', 'false']);
    expect(auto.client?.engine.extensions).toEqual({ ...all, hairpinning: false });
    expect(load('client', client, 'server-load-reduction = false').engine.extensions).toEqual({
      ...all,
      serverLoadReduction: false,
    });
  });

  it('[XC-09] turns off what needs an extension that is off, and refuses it where it is wanted', () => {
    const client = ['--server', '8.8.8.8'];
    const off = { symmetricNatSupport: false, portPreserving: false, sequentialPorts: false };
    expect(load('client', [...client, '--symmetric-nat-support', 'false']).engine.extensions).toMatchObject(off);
    expect(load('client', [...client, '--port-preserving-nat-support', 'false']).engine.extensions).toMatchObject({
      ...off,
      symmetricNatSupport: true,
    });
    expect(load('client', [...client, '--sequential-nat-support', 'false']).engine.extensions).toMatchObject({
      symmetricNatSupport: true,
      portPreserving: true,
      sequentialPorts: false,
    });
    const wanted = 'symmetric-nat-support = false\nport-preserving-nat-support = true';
    expect(mistake('client', client, wanted)).toContain(
      'port-preserving-nat-support true is not allowed: it needs symmetric-nat-support, which is false.',
    );
    expect(
      mistake('client', [...client, '--sequential-nat-support', 'true', '--port-preserving-nat-support', 'false']),
    ).toContain('it needs port-preserving-nat-support, which is false');
    expect(mistake('client', [...client, '--hairpinning-support', 'perhaps'])).toContain('it takes true or false');
  });

  it('[RL-T-06] of a relay trusts the cone bit only if configured', () => {
    for (const role of ['relay', 'host-relay'] as const) {
      expect(load(role, []).engine.trustsConeBit).toBe(false);
      expect(load(role, ['--cone-bit', 'trust']).engine.trustsConeBit).toBe(true);
    }
  });

  it('[HR-05a] of a host-specific relay in mode auto has all that a client needs', () => {
    expect(load('host-relay', []).client).toBeUndefined();
    const flags = ['--mode', 'auto', '--server', '8.8.8.8', '--refresh-interval', '45', '--interface', 'tun9'];
    const { client, bindPort } = load('host-relay', flags);
    expect(bindPort).toBe(3544);
    expect(client).toMatchObject({
      role: 'client',
      servers: [{ name: '8.8.8.8' }],
      interfaceName: 'tun9',
      bindPort: 0,
      engine: { refreshIntervalMs: 45_000 },
      isEnabled: true,
      nativeIpv6: 'ignore',
      managedNetwork: 'stay-off',
    });
  });

  it('[RL-A-06] of a relay needs no server', () => {
    const configuration = load('relay', ['--ipv6-address', '2a00:1::1', '--rate-limit', 'off']);
    expect(configuration).toMatchObject({
      ipv6Address: parseIpv6('2a00:1::1'),
      engine: { servicePrefix: 0x20010000, rateLimit: false },
    });
  });

  it('reads addresses of the status server with port', () => {
    expect(load('relay', ['--http', '[::1]:9464']).http).toEqual({ host: '::1', port: 9464 });
    expect(load('relay', ['--http', '127.0.0.1:80']).http).toEqual({ host: '127.0.0.1', port: 80 });
  });

  it('names a default for each key that says it has one', () => {
    expect(roles).toEqual(['client', 'server', 'relay', 'host-relay']);
    for (const role of roles) {
      const toml = keysOf(role)
        .filter((key) => key.defaultValue(role) !== undefined)
        .map((key) => `${key.name} = "${key.defaultValue(role)}"`);
      expect(toml.length).toBeGreaterThan(5);
      const required = { client: 'server = "a.example"', server: 'primary-address = "8.8.8.8"' } as Record<
        string,
        string
      >;
      const text = [...toml, required[role] ?? ''].join('\n');
      expect(changedKeys(load(role, [], text), load(role, [], required[role] ?? ''))).toEqual([]);
    }
  });
});

describe('the keys that changed', () => {
  it('are those whose values differ, however they are written', () => {
    const before = load('client', ['--server', 'a.example'], 'log-level = "info"');
    const after = load('client', ['--bind-port', '1'], 'server = ["a.example"]\nlog-level = "debug"');
    expect(changedKeys(before, after)).toEqual(['bind-port', 'log-level']);
    expect(changedKeys(before, load('client', [], 'server = "a.example"'))).toEqual([]);
  });
});

describe('the status socket', () => {
  it('is found without a check of the rest of the configuration', () => {
    expect(loadStatusSocket('client', { config: file(''), values: new Map() })).toBe('/run/teredo-client/status.sock');
    expect(loadStatusSocket('client', { config: file('status-socket = "/a"'), values: new Map() })).toBe('/a');
    const values = new Map([['status-socket', { value: '/b', source: 'flag' as const }]]);
    expect(loadStatusSocket('client', { config: undefined, values })).toBe('/b');
  });
});

describe('the program for events', () => {
  it('is a path, or a list with its arguments, and has a limit of 10 s', () => {
    expect(load('relay', []).hook).toBeUndefined();
    expect(load('relay', ['--on-event', '/opt/hook']).hook).toEqual({ command: ['/opt/hook'], timeoutMs: 10_000 });
    const given = load('relay', ['--on-event-timeout', '60'], 'on-event = ["/opt/hook", "a b, c", ""]');
    expect(given.hook).toEqual({ command: ['/opt/hook', 'a b, c', ''], timeoutMs: 60_000 });
  });
});

describe('a mistake is one sentence with key, value and allowed values:', () => {
  const client = ['--server', 'a.example'];
  const server = ['--primary-address', '8.8.8.8'];

  it.each<[string, Role, readonly string[], string, readonly string[]]>([
    ['a port that is none', 'client', [...client, '--bind-port', 'abc'], '', ['--bind-port "abc"', '0 to 65535']],
    ['a port too high', 'client', client, 'bind-port = 70000', ['bind-port = 70000 (in ', '0 to 65535']],
    ['a port with a fraction', 'client', client, 'bind-port = 1.5', ['bind-port = 1.5', '0 to 65535']],
    ['an interval too short', 'client', [...client, '--refresh-interval', '4'], '', ['"4"', 'from 5 to 3600']],
    ['an interval too long', 'client', client, 'fail-back-interval = 86401', ['= 86401', 'from 5 to 86400']],
    [
      'an unknown protocol',
      'client',
      [...client, '--port-mapping', 'natpmp'],
      '',
      ['"natpmp"', '"off", "auto", "pcp"'],
    ],
    ['a relative path', 'client', client, 'state-directory = "state"', ['= "state"', 'an absolute path']],
    ['an idle time too short', 'client', [...client, '--idle-timeout', '9'], '', ['"9"', 'from 10 to 86400, or "off"']],
    [
      'no name of an interface',
      'client',
      [...client, '--local-discovery', 'eth0 eth1'],
      '',
      ['"eth0 eth1"', 'name of a network interface of this host, or "off"'],
    ],
    ['a date for a port', 'client', client, 'bind-port = 2020-01-01', ['bind-port = ', '0 to 65535']],
    [
      'an unknown key',
      'client',
      client,
      'sever = "x"',
      ['sever = "x" (in ', 'no such key for the client (did you mean server?); teredo-client --help lists its keys.'],
    ],
    ['a swap of letters', 'client', client, 'sreevr = "x"', ['(did you mean server?)']],
    ['an underscore', 'client', client, 'bind_port = 1', ['(did you mean bind-port?)']],
    ['a key that is like no other', 'client', client, 'colour = "x"', ['no such key for the client; teredo-client']],
    [
      'a key of another role',
      'server',
      server,
      'bind-port = 1',
      ['bind-port = 1', 'no such key for the server, only for client, relay, host-relay; '],
    ],
    ['a section', 'client', [], '[client]\nserver = "x"', ['[client] (in ', 'write the keys without [client].']],
    ['a table', 'client', [], '[server]\nname = "x"', ['server = {"name":"x"}', '1 to 16']],
    ['a name that objects have', 'client', client, 'toString = 1', ['toString = 1', 'no such key']],
    ['a nested value', 'relay', [], 'interface = { name = "x" }', ['interface = {"name":"x"}', '1 to 15']],
    ['no server', 'client', [], '', ['server is not set', 'host names']],
    ['an empty list of servers', 'client', [], 'server = []', ['server = []', '1 to 16']],
    ['a server that is neither', 'client', ['--server', '8.8.8'], '', ['--server ["8.8.8"]', 'host names']],
    ['a server name with a space', 'client', ['--server', 'a b'], '', ['"a b"', 'host names']],
    ['more secondaries than servers', 'client', [...client, '--server-secondary', '8.8.8.8,8.8.4.4'], '', ['8.8.4.4']],
    ['no primary address', 'server', [], '', ['primary-address is not set', 'global IPv4']],
    ['an interface name', 'relay', ['--interface', 'a/b'], '', ['--interface "a/b"', '1 to 15']],
    ['an interface name too long', 'relay', ['--interface', 'abcdefghijklmnop'], '', ['"abcdefghijklmnop"', '1 to 15']],
    ['a mode', 'host-relay', ['--mode', 'client'], '', ['--mode "client"', '"relay" or "auto"']],
    ['mode auto without a server', 'host-relay', ['--mode', 'auto'], '', ['server is not set', 'Teredo servers']],
    ['a server that nobody asks', 'host-relay', ['--server', '8.8.8.8'], '', ['server 8.8.8.8', 'mode "auto"']],
    ['a private server', 'host-relay', ['--mode', 'auto', '--server', '10.0.0.1'], '', ['server 10.0.0.1']],
    ['an offload', 'relay', ['--offload', 'on'], '', ['--offload "on"', '"auto" or "off"']],
    ['a rate limit', 'relay', [], 'rate-limit = false', ['rate-limit = false', '"on" or "off"']],
    ['a range', 'relay', ['--extra-global-ipv4', '10.0.0.0/33'], '', ['["10.0.0.0/33"]', 'IPv4 prefixes']],
    ['a relative socket path', 'relay', ['--status-socket', 'x'], '', ['--status-socket "x"', 'absolute path']],
    ['a socket path too long', 'relay', ['--status-socket', `/${'x'.repeat(99)}`], '', ['99 octets']],
    ['an HTTP address', 'relay', ['--http', 'localhost:1'], '', ['--http "localhost:1"', '127.0.0.1:9464']],
    ['an HTTP port', 'relay', ['--http', '127.0.0.1:0'], '', ['--http "127.0.0.1:0"', 'port']],
    ['a log level', 'relay', ['--log-level', 'loud'], '', ['--log-level "loud"', '"debug"']],
    ['a program without a path', 'relay', ['--on-event', 'logger'], '', ['--on-event ["logger"]', 'absolute path']],
    ['no program', 'server', server, 'on-event = []', ['on-event = []', 'a program']],
    ['an endless program', 'relay', ['--on-event-timeout', '0'], '', ['"0"', 'from 1 to 600']],
    ['a log format', 'relay', ['--log-format', 'xml'], '', ['--log-format "xml"', '"json"']],
    ['an IPv6 address inside the prefix', 'relay', ['--ipv6-address', '2001::1'], '', ['2001::1', 'outside']],
    ['a served range of local addresses', 'relay', ['--served-prefix', 'fd00::/8'], '', ['fd00::/8', '2000::/3']],
    ['a served range that is too wide', 'relay', ['--served-prefix', '::/0'], '', ['::/0', '2000::/3']],
    ['a served range wider than 2000::/3', 'relay', ['--served-prefix', '2000::/2'], '', ['2000::/2', '2000::/3']],
    [
      'a served range inside the prefix',
      'relay',
      ['--served-prefix', '2001:0:1::/48'],
      '',
      ['2001:0:1::/48', 'inside'],
    ],
    ['the cone bit', 'relay', ['--cone-bit', 'on'], '', ['--cone-bit "on"', '"ignore" or "trust"']],
    ['a local IPv6 address', 'relay', ['--ipv6-address', 'fd00::1'], '', ['fd00::1', '2000::/3']],
  ])('%s', (_, role, args, toml, parts) => {
    const sentence = mistake(role, args, toml);
    for (const part of parts) expect(sentence).toContain(part);
  });

  it('[CL-C-01] client: private, equal or not global server addresses', () => {
    expect(mistake('client', ['--server', '192.168.0.1'])).toContain('server 192.168.0.1');
    expect(mistake('client', ['--server', '8.8.8.8', '--server-secondary', '8.8.8.8'])).toContain('differ');
    expect(mistake('client', ['--server', '8.8.8.8', '--server-secondary', '10.0.0.1'])).toContain('10.0.0.1');
    expect(mistake('client', ['--server', 'a.example', '--server-secondary', '10.0.0.1'])).toContain('10.0.0.1');
    expect(mistake('client', ['--server', '9.255.255.255'])).toContain('server-secondary 10.0.0.0');
  });

  it('the examples of the pages for operators, word for word', () => {
    const page = (name: string) => readFileSync(new URL(`../../../docs/operate/${name}.md`, import.meta.url), 'utf8');
    const example = (path: string) =>
      new RegExp(`\\n(# /etc/navalis/${path}[^]*?)\n\`\`\``).exec(page(path.replace('.toml', '')))![1]!;
    expect(mistake('server', [], example('server.toml'))).toMatch(
      /^primary-address 192\.0\.2\.1 is not allowed: it is an example .* replace it/,
    );
    expect(load('relay', [], example('relay.toml')).ipv6Address).toBeUndefined();
    const uncommented = example('relay.toml').replace('# ipv6-address', 'ipv6-address');
    expect(mistake('relay', [], uncommented)).toMatch(
      /^ipv6-address 2001:db8::1 is not allowed: it is an example .* replace it/,
    );
    expect(load('client', [], example('client.toml')).servers).toHaveLength(1);
    expect(load('host-relay', [], example('host-relay.toml')).client).toBeUndefined();
  });

  it('[SV-C-04] server: private or equal addresses', () => {
    expect(mistake('server', ['--primary-address', '10.0.0.1'])).toContain('primary-address 10.0.0.1');
    expect(mistake('server', [...server, '--secondary-address', '8.8.8.8'])).toContain('differ');
    expect(mistake('server', [...server, '--secondary-address', '192.0.2.1'])).toContain('192.0.2.1');
  });

  it.each([
    ['2001:db8::1', 'documentation'],
    ['3fff:123::1', 'documentation'],
    ['2001:2::1', 'reserved'],
    ['2001:20::1', 'reserved'],
    ['2002:a00:1::1', 'the IPv4 address inside it is not global'],
    ['4000::1', 'outside 2000::/3'],
    ['fd00::1', 'outside 2000::/3'],
    ['ff0e::1', 'outside 2000::/3'],
    ['fe80::1', 'outside 2000::/3'],
  ])('[SEC-37] relay: the address %s, which nobody routes', (address, reason) => {
    const sentence = mistake('relay', ['--ipv6-address', address]);
    expect(sentence).toContain(`ipv6-address ${address} is not allowed: `);
    expect(sentence).toContain(reason);
    expect(sentence).toContain('extra-global-ipv6');
  });

  it.each([
    ['2001:db8::/32', 'documentation'],
    ['2001:db8:1::/48', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['3fff::/20', 'documentation'],
    ['2001:2::/48', 'reserved'],
    ['2001:20::/28', 'reserved'],
    ['2001:10::/28', 'reserved'],
    ['2002:a00::/24', 'the IPv4 address inside it is not global'],
    ['2002:c0a8:1::/48', 'the IPv4 address inside it is not global'],
    ['4000::/3', 'outside 2000::/3'],
    ['fe80::/10', 'outside 2000::/3'],
  ])('[SEC-37] relay: the served range %s, which nobody routes', (range, reason) => {
    const sentence = mistake('relay', ['--served-prefix', `2a00:1::/32,${range}`]);
    expect(sentence).toContain(`served-prefix ${range.includes('/') ? range : `${range}/128`} is not allowed: `);
    expect(sentence).toContain(reason);
  });

  it.each(['2000::/3', '2001::/16', '2001:d00::/24', '2001:db8::/31', '2002::/16', '2002:808:808::/48', '2003::/16'])(
    'relay: no objection to the served range %s, which others are routed in',
    (range) => {
      expect(load('relay', ['--served-prefix', range]).servedPrefixes).toEqual([parseIpv6Prefix(range)]);
    },
  );

  it('[SEC-37] relay: reserved ranges are accepted only if the configuration names them', () => {
    const flags = ['--extra-global-ipv6', '2001:db8:1::/48,fd00::/8'];
    const named = [...flags, '--served-prefix', '2001:db8:1::/48,fd12::/16', '--ipv6-address', '2001:db8:1::1'];
    expect(load('relay', named)).toMatchObject({
      extraGlobalIpv6: [parseIpv6Prefix('2001:db8:1::/48'), parseIpv6Prefix('fd00::/8')],
      ipv6Address: parseIpv6('2001:db8:1::1'),
    });
    expect(mistake('relay', [...flags, '--ipv6-address', '2001:db8:2::1'])).toContain('documentation');
    expect(mistake('relay', [...flags, '--served-prefix', '2001:db8::/32'])).toContain('documentation');
    expect(mistake('relay', [...flags, '--served-prefix', 'fc00::/7'])).toContain('outside 2000::/3');
    const policy = ipv6PolicyOf(load('client', ['--server', 'a.example', ...flags]));
    expect(policy.isGlobal(parseIpv6('fd00::1')!)).toBe(true);
    expect(policy.isGlobal(parseIpv6('fc00::1')!)).toBe(false);
  });

  it('ranges that nothing makes global', () => {
    for (const range of ['0.0.0.0/8', '0.1.0.0/16', '224.0.0.0/4', '239.1.1.1', '255.255.255.255']) {
      const text = range.includes('/') ? range : `${range}/32`;
      const sentence = mistake('server', ['--primary-address', '8.8.8.8', '--extra-global-ipv4', range]);
      expect(sentence).toContain(`extra-global-ipv4 ${text} is not allowed: `);
    }
    for (const range of ['::/32', '::7f00:0/104', 'ff00::/8', 'ff0e::/16', 'fe80::/10', '2001::/32', '2001:0:1::/48']) {
      expect(mistake('relay', ['--extra-global-ipv6', range])).toContain(`extra-global-ipv6 ${range} is not allowed: `);
    }
    expect(mistake('relay', ['--extra-global-ipv6', '2001:db8::/129'])).toContain('64 IPv6 prefixes');
    const wide = ['--extra-global-ipv4', '0.0.0.0/0,240.0.0.0/4', '--extra-global-ipv6', '::/0,fc00::/7'];
    expect(load('relay', wide).extraGlobalIpv6).toHaveLength(2);
  });

  it('a local address that cannot send or receive datagrams', () => {
    const refused = ['127.0.0.1', '127.255.255.255', '224.0.0.1', '239.255.255.255', '255.255.255.255', '0.0.0.1'];
    for (const role of ['client', 'relay', 'host-relay'] as const) {
      const flags = role === 'client' ? client : [];
      for (const address of refused) {
        const sentence = mistake(role, [...flags, '--bind-address', address]);
        expect(sentence).toContain(`--bind-address "${address}" is not allowed: it takes 0.0.0.0, or an IPv4 address`);
      }
      for (const address of ['0.0.0.0', '10.0.0.1', '126.0.0.1', '128.0.0.1', '223.255.255.255', '1.0.0.1']) {
        expect(load(role, [...flags, '--bind-address', address]).bindAddress).toBe(parseIpv4(address));
      }
    }
  });

  it('a metric that no route has', () => {
    for (const metric of ['0', '4294967296', '-1', '1.5']) {
      expect(mistake('relay', ['--route-metric', metric])).toContain('from 1 to 4294967295');
    }
    expect(load('relay', ['--route-metric', '4294967295']).routeMetric).toBe(4_294_967_295);
  });

  it('[RL-A-02] relay: a prefix longer or shorter than the service prefix', () => {
    for (const prefix of ['2001::/31', '2001::/33', '2001::', '2001:0:1::/32', '::/0']) {
      expect(mistake('relay', ['--prefix', prefix])).toContain(`--prefix "${prefix}"`);
    }
    expect(load('relay', ['--prefix', '2a01:1::/32']).engine.servicePrefix).toBe(0x2a010001);
  });

  it('relay: the historic service prefix', () => {
    expect(mistake('relay', ['--prefix', '3ffe:831f::/32'])).toContain('3ffe:831f::/32');
  });

  it('a file that is not TOML, with its line', () => {
    expect(mistake('relay', [], 'interface = "a"\nprefix = = 1\n')).toMatch(/\.toml, line 2: this is not TOML \(/);
  });

  it.each([
    ['server = 5.9.10.10', 'server = "5.9.10.10"'],
    ['server: 5.9.10.10  # the nearest', 'server = "5.9.10.10"'],
    ['server : "a.example"', 'server = "a.example"'],
    ['server = a.example, b.example', 'server = ["a.example", "b.example"]'],
    ['bind-port: 4000', 'bind-port = 4000'],
  ])('the line %s, with its correction', (line, corrected) => {
    const sentence = `line 2: this is not TOML; write a key, an equals sign, and text in quotes: ${corrected}.`;
    expect(mistake('client', [], `log-level = "info"\n${line}\n`)).toContain(sentence);
  });

  it.each(['server = "a', 'server = [a', 'server =', 'a b c'])('the line %s, without a guess', (line) => {
    expect(mistake('client', [], `${line}\n`)).toMatch(/\.toml, line \d: this is not TOML \([^:]+\)\.$/);
  });

  it('a file that this user may not read, with the cure', () => {
    const path = file('');
    chmodSync(path, 0);
    const isRoot = process.geteuid!() === 0;
    if (isRoot) process.seteuid!(65_534);
    try {
      expect(() => loadStatusSocket('relay', { config: path, values: new Map() })).toThrow(
        `${path} cannot be read: permission is denied; make it readable by every user (mode 0644), or run the command as root.`,
      );
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });

  it('a directory for a file', () => {
    const folder = { config: directory, values: new Map() };
    expect(() => loadConfiguration('relay', folder)).toThrow(
      `--config ${directory} cannot be read: it is a directory.`,
    );
  });

  it('a file that does not exist', () => {
    const missing = { config: '/nonexistent/navalis.toml', values: new Map() };
    expect(() => loadConfiguration('relay', missing)).toThrow('/nonexistent/navalis.toml cannot be read: it does not');
  });
});
