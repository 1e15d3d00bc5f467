import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIpv4, formatIpv6, parseIpv4 } from '@navalis/address';
import { loadConfiguration, type Role } from '@navalis/config';
import { NavalisError } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { liveAccess } from '../../src/live-check/live-access.ts';
import { checkLive, type LiveAccess } from '../../src/live-check/live-check.ts';
import { hostWith } from '../fakes.ts';

const native = '2a00:1::1';
const own = '198.51.100.7';

/** A host that has everything. */
const whole: LiveAccess = {
  isRunning: async () => false,
  missingCapability: () => undefined,
  requireIpCommand: () => undefined,
  tunnelDeviceError: () => undefined,
  hasInterface: () => false,
  host: hostWith(native),
  probes: { signOfManagement: () => undefined, preferOther: () => false },
  lookUpName: async () => ['8.8.8.8'],
  canBind: async (address) => formatIpv4(address) === own,
  isPortFree: async () => true,
  httpError: async () => undefined,
  localAddress: async () => parseIpv4(own),
  isForwarding: () => true,
  hasIpv6Route: async () => true,
};

async function check(role: Role, values: Record<string, unknown>, access: Partial<LiveAccess> = {}) {
  const raw = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: 'flag' as const }]));
  const configuration = loadConfiguration(role, { config: '/dev/null', values: raw });
  return checkLive(configuration, { ...whole, ...access });
}

const problems = async (...args: Parameters<typeof check>) =>
  (await check(...args))
    .filter(({ state }) => state !== 'present')
    .map(({ state, sentence }) => `${state}: ${sentence}`);

const keys: Record<Role, Record<string, unknown>> = {
  client: { server: ['teredo.example'], 'bind-address': own, 'bind-port': 4000, 'native-ipv6': 'ignore' },
  server: { 'primary-address': own, 'secondary-address': 'none', 'extra-global-ipv4': ['198.51.100.0/24'] },
  relay: { 'bind-address': own },
  'host-relay': { 'bind-address': own },
};

const unresolved = async () => Promise.reject(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }));
const withoutIpv6 = { host: { ...hostWith(), ipv6Exits: [] } };

describe('[RT-07] check --live', () => {
  it.each(['client', 'server', 'relay', 'host-relay'] as const)('finds all that a %s needs', async (role) => {
    const findings = await check(role, keys[role]);
    expect(findings.filter(({ state }) => state !== 'present')).toEqual([]);
    expect(findings.length).toBeGreaterThan(3);
    for (const { sentence } of findings) expect(sentence).toMatch(/^[A-Z/].*\.$/);
  });

  it('tells what a client would find', async () => {
    expect((await check('client', keys.client)).map(({ sentence }) => sentence)).toEqual([
      'This user has the capability that it needs.',
      '/dev/net/tun can be opened.',
      'The command ip is there.',
      'This host has the address 198.51.100.7 (key bind-address).',
      'UDP port 4000 of 198.51.100.7 is free.',
      'The interface name teredo is free.',
      'Server name teredo.example resolves to 8.8.8.8.',
      'Datagrams to server 8.8.8.8 would leave from 198.51.100.7.',
    ]);
  });

  it.each<[Role, Partial<LiveAccess>, RegExp]>([
    ['client', { missingCapability: () => new NavalisError('no-privilege', 'No capability.') }, /^missing: No cap/],
    ['client', { tunnelDeviceError: () => new NavalisError('no-tunnel-device', 'No tun.') }, /^missing: No tun\.$/],
    [
      'client',
      {
        requireIpCommand: () => {
          throw new Error('No ip.');
        },
      },
      /^missing: No ip\.$/,
    ],
    ['client', { canBind: async () => false }, /^missing: This host does not have the IPv4 address 198\.51\.100\.7/],
    [
      'client',
      { isPortFree: async () => false },
      /^missing: UDP port 4000 of 198\.51\.100\.7 is in use: .*bind-port\.$/,
    ],
    ['server', { isPortFree: async () => false }, /^missing: UDP port 3544 of .* is in use: .* lists\.$/],
    ['host-relay', { isPortFree: async () => false }, /^note: UDP port 3544 of .* any free port instead\.$/],
    ['client', { hasInterface: (name) => name === 'teredo' }, /^missing: An interface teredo exists already: /],
    ['client', { lookUpName: unresolved }, /^missing: Server name teredo\.example does not resolve .*resolv\.conf\.$/],
    ['client', { localAddress: async () => undefined }, /^missing: This host has no IPv4 route to server 8\.8\.8\.8: /],
    ['server', withoutIpv6, /^missing: This host has no IPv6 default route .*ip -6 route/],
    ['relay', { isForwarding: () => false }, /^missing: IPv6 forwarding is off: run "sysctl/],
    ['host-relay', withoutIpv6, /^missing: This host has no global IPv6 address: .* mode to auto/],
  ])('of a %s names the problem %o', async (role, access, sentence) => {
    expect(await problems(role, keys[role], access)).toEqual([expect.stringMatching(sentence)]);
  });

  it('names both addresses of a relay without IPv6', async () => {
    expect(await problems('relay', keys.relay, { ...withoutIpv6, hasIpv6Route: async () => false })).toEqual([
      expect.stringMatching(/^missing: This host has no global IPv6 address: .*ipv6-address/),
      expect.stringMatching(/^missing: This host has no route to the IPv6 networks in served-prefix: .*ip -6 route/),
    ]);
  });

  it('asks a relay of a site for no more than the routes to its own networks', async () => {
    const asked: string[] = [];
    const hasIpv6Route: LiveAccess['hasIpv6Route'] = async (destination) =>
      asked.push(formatIpv6(destination)) > 0 && destination.word0 === 0x2a000001;
    const access = { host: { ...hostWith(native), ipv6Exits: [] }, hasIpv6Route };
    expect(await problems('relay', { ...keys.relay, 'served-prefix': '2a00:1:7::/48' }, access)).toEqual([]);
    expect(await problems('relay', { ...keys.relay, 'served-prefix': '2a00:2::/32' }, access)).toHaveLength(1);
    expect(asked).toEqual(['2a00:1:7::1', '2a00:2::1']);
  });

  it('tells that a client would step back for native IPv6', async () => {
    const values = { ...keys.client, 'native-ipv6': 'step-back' };
    const [only, ...more] = await problems('client', values);
    expect(only).toMatch(/^note: The client would not use Teredo: this host has the IPv6 address 2a00:1::1/);
    expect(more).toEqual([]);
  });

  it('looks at the client of a host without IPv6', async () => {
    const values = { ...keys['host-relay'], mode: 'auto', server: ['teredo.example'] };
    expect(await problems('host-relay', values, { ...withoutIpv6, lookUpName: unresolved })).toEqual([
      'note: This host has no global IPv6 address: it would run a client.',
      expect.stringMatching(/^missing: Server name teredo\.example/),
    ]);
  });

  it('names each server that does not resolve beside those that do', async () => {
    const lookUpName = (name: string) => (name === 'a.example' ? unresolved() : Promise.resolve(['8.8.8.8']));
    const values = { ...keys.client, server: ['a.example', 'b.example'] };
    expect(await problems('client', values, { lookUpName })).toEqual([
      expect.stringMatching(/^missing: Server name a\.example/),
    ]);
  });

  it('tells whether http can have its address', async () => {
    const values = { ...keys.relay, http: '127.0.0.1:9999' };
    const sentences = (await check('relay', values)).map(({ sentence }) => sentence);
    expect(sentences).toContain('TCP address 127.0.0.1:9999 is free (key http).');
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', () => resolve()));
    const { port } = taken.address() as AddressInfo;
    const { httpError } = liveAccess(loadConfiguration('relay', { config: '/dev/null', values: new Map() }));
    expect(await problems('relay', { ...keys.relay, http: `127.0.0.1:${port}` }, { httpError })).toEqual([
      `missing: TCP address 127.0.0.1:${port} is in use (key http): stop the program that has it, which "ss -lntp" lists, or choose another http.`,
    ]);
    await new Promise((resolve) => void taken.close(resolve));
    expect(await httpError({ host: '127.0.0.1', port })).toBeUndefined();
  });

  it('tells the way to a TURN server given by its address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'navalis-live-'));
    const path = join(folder, 'turn');
    writeFileSync(path, 'alice:secret\n', { mode: 0o600 });
    const values = { ...keys.client, turn: ['turn:9.9.9.9'], 'turn-credentials': path };
    const sentences = (await check('client', values)).map(({ sentence }) => sentence);
    expect(sentences).toContain('Datagrams to TURN server 9.9.9.9 would leave from 198.51.100.7; diagnose asks it.');
    const localAddress: LiveAccess['localAddress'] = async (to) => (formatIpv4(to) === '9.9.9.9' ? undefined : to);
    expect(await problems('client', values, { localAddress })).toEqual([
      'missing: This host has no IPv4 route to TURN server 9.9.9.9: add one; see "ip route get 9.9.9.9".',
    ]);
    rmSync(folder, { recursive: true });
  });

  it('leaves out the port and interface of a program that runs', async () => {
    const access = { isRunning: async () => true, hasInterface: () => true, isPortFree: async () => false };
    expect(await problems('client', keys.client, access)).toEqual([
      'note: teredo-client runs already: its ports and its interface are in use by it.',
    ]);
  });
});
