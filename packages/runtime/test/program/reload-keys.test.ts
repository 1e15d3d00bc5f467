import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Configuration,
  changedKeys,
  configurationKeys,
  type KeyName,
  keysOf,
  loadConfiguration,
  type Reload,
  type Role,
  reloadOf,
  roles,
} from '@navalis/config';
import { createLogger } from '@navalis/telemetry';
import { afterAll, describe, expect, it } from 'vitest';
import { createControl } from '../../src/program/create-control.ts';
import { reload } from '../../src/program/reload.ts';
import { FakeMachine, hostWith } from '../fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'navalis-reload-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

const secret = 'kq2zVvwz1xPDCkNq7mGGfQ';
const clientValues = {
  server: ['8.8.8.8'],
  'client-identifier': 'alice',
  'secret-file': file('secret', secret),
  turn: ['turn:8.8.4.4'],
  'turn-credentials': file('turn', 'alice:one'),
  'symmetric-nat-support': true,
};

/** The values of each role before the reload, for keys whose change needs another one to be set. */
const before: Readonly<Record<Role, Readonly<Record<string, unknown>>>> = {
  client: clientValues,
  server: { 'primary-address': '8.8.8.8', 'client-keys': file('keys', `alice hmac-sha1 ${secret}`) },
  relay: {},
  'host-relay': { ...clientValues, mode: 'auto' },
};

/** Another valid value of each key, different from the default and from those above. */
const others: Readonly<Record<KeyName, unknown>> = {
  enabled: false,
  server: ['8.8.4.4'],
  'server-secondary': ['8.8.8.10'],
  'server-order': 'spread',
  'primary-address': '9.9.9.9',
  'secondary-address': 'none',
  'bind-address': '198.51.100.7',
  'bind-port': 45_454,
  'refresh-interval': 60,
  'fail-back-interval': 60,
  'idle-timeout': 60,
  'local-discovery': 'eth0',
  'client-identifier': 'bob',
  'secret-file': file('secret-2', '5ImYlvWfcvXk3a3vxL1w9A'),
  'secure-algorithm': 'hmac-sha256',
  'symmetric-nat-support': false,
  'port-preserving-nat-support': false,
  'sequential-nat-support': false,
  'hairpinning-support': false,
  'server-load-reduction': false,
  turn: ['turn:9.9.9.9'],
  'turn-credentials': file('turn-2', 'alice:two'),
  'turn-use': 'always',
  'port-mapping': 'auto',
  'state-directory': '/srv/state',
  interface: 'teredo7',
  'default-route': false,
  'service-route': false,
  'route-metric': 77,
  'routing-table': 78,
  'announcement-table': 79,
  prefix: '2001:1::/32',
  'ipv6-address': '2a00:1::1',
  'served-prefix': ['2a00::/16'],
  'cone-bit': 'trust',
  'max-peers': 32,
  'max-clients': 32,
  mode: 'relay',
  'native-ipv6': 'ignore',
  'managed-network': 'ignore',
  offload: 'off',
  'source-check': 'strict',
  'only-own-clients': 'on',
  'client-keys': file('keys-2', `bob hmac-sha1 ${secret}`),
  'require-secure': true,
  'rate-limit': 'off',
  'solicitations-per-second': 7,
  'solicitations-burst': 7,
  'forwards-per-second': 7,
  'new-clients-per-second': 7,
  'extra-global-ipv4': ['198.51.100.0/24'],
  'extra-global-ipv6': ['2001:db8::/32'],
  sunset: '2099-01-01',
  'status-socket': '/run/other.sock',
  http: '127.0.0.1:9464',
  'http-token': file('token', 'SvHSq9FTe9bVtJ7YuaaeEo3rWQ9rMNxR'),
  'http-names': ['watch.example.net'],
  'log-level': 'debug',
  'log-format': 'json',
  'on-event': ['/opt/hook'],
  'on-event-timeout': 5,
  'drain-time': 5,
};

/** Keys that the program handles beside the role's control: log, hook and status server. */
const ofProgram: readonly KeyName[] = [
  'log-level',
  'on-event',
  'on-event-timeout',
  'http',
  'http-token',
  'http-names',
  'drain-time',
];

/** Keys whose effect is a decision of the control plane at the next occasion, not an action. */
const decisions: readonly KeyName[] = ['native-ipv6', 'managed-network', 'idle-timeout', 'enabled'];

function sourcesOf(values: Readonly<Record<string, unknown>>) {
  const raw = Object.entries(values).map(([key, value]) => [key, { value, source: 'file' as const }] as const);
  return { config: '/dev/null', values: new Map(raw) };
}

/** The configuration of a role before and after one key is changed and read again. */
async function reloaded(role: Role, name: KeyName) {
  const values = name === 'http-token' ? { ...before[role], http: '127.0.0.1:9000' } : before[role];
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) };
  const logger = await createLogger({ level: 'info', format: 'json', destination });
  const first: Configuration = loadConfiguration(role, sourcesOf(values));
  const next = reload(first, sourcesOf({ ...values, [name]: others[name] }), logger);
  return { first, next, lines };
}

const pairs = roles.flatMap((role) => keysOf(role).map((key) => [role, key.name, reloadOf(key, role)] as const));

describe('a changed key', () => {
  it('is tried for each key of the table', () => {
    expect(Object.keys(others).sort()).toEqual(configurationKeys.map(({ name }) => name).sort());
  });

  it.each(pairs)('of a %s: %s takes effect %s, and the log says so', async (role, name, declared) => {
    // Without a server and its secrets there is no client for them.
    if (role === 'host-relay' && name === 'mode') return;
    const { first, next, lines } = await reloaded(role, name);
    const keysIn = (start: string) =>
      (lines.find((line) => line.startsWith(start))?.match(/[a-z0-9]+(-[a-z0-9]+)*/g) as string[] | null) ?? [];
    expect(keysIn('Configuration read again: ')).toContain(name);
    const waiting = keysIn('These keys take effect at the next start: ');
    const isInEffect = changedKeys(first, next).includes(name);
    expect({ isInEffect, isSaid: waiting.includes(name) }).toEqual({
      isInEffect: declared !== 'at-start',
      isSaid: declared === 'at-start',
    });
  });

  const acting = pairs.filter(
    ([, name, declared]) => declared !== 'at-start' && !ofProgram.includes(name) && !decisions.includes(name),
  );

  it.each(acting)('of a %s: %s (%s) reaches the data plane or the interface', async (role, name, declared) => {
    const { first, next } = await reloaded(role, name);
    const machine = new FakeMachine();
    machine.host = role === 'relay' ? hostWith('2a00:1::2') : hostWith();
    const control = createControl(first, await machine.context());
    await control.start();
    const [dataPlane] = machine.dataPlanes;
    dataPlane!.observer.event({
      kind: 'address-assigned',
      address: { word0: 0x20010000, word1: 0x08080808, word2: 0, word3: 1 },
      mapped: { address: 0xc6336407, port: 40_000 },
      server: 0x08080808,
      nat: 'none',
      mtu: 1280,
    });
    await control.status();
    const seen = () => JSON.stringify([machine.commands, dataPlane!.updates, dataPlane!.extraGlobalIpv4]);
    const earlier = seen();
    control.reconfigured?.(next);
    const effect = (): Reload | undefined =>
      machine.dataPlanes.length > 1 ? 'new-socket' : seen() === earlier ? undefined : 'at-once';
    // A host-specific relay acts as a client here, in which some keys need another socket.
    const asClient =
      role === 'host-relay' ? reloadOf(configurationKeys.find((key) => key.name === name)!, 'client') : declared;
    await expect.poll(effect).toBe(asClient);
    await control.stop();
  });
});
