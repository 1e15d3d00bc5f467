import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import {
  dualStackAddress,
  dualStackIpv6Address,
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
} from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { NameServer } from '../src/network/name-server.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { launch, type Navalis, type Role, startServer } from '../src/programs/navalis.ts';
import { report } from './report.ts';

/** The time from the arrival of the missing resource until the program works (RT-01). */
const limitMs = 5_000;

/** The wait of each program: longer than five restarts of a program that gives up. */
const waitMs = 4_000;

const ready: Readonly<Record<Role, RegExp>> = {
  client: /Teredo address 2001:/,
  server: /Listening on UDP port 3544/,
  relay: /Relaying 2001::/,
  'host-relay': /Reaching Teredo clients/,
};

describe('on a network that comes late', () => {
  let laboratory: Laboratory;
  let internet: Internet;

  beforeEach(() => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
  });

  afterEach(() => laboratory.close());

  /** The program waits, logs it once, answers on its status socket, and works soon after `arrive`. */
  async function waits(navalis: Navalis, state: object, arrive: () => void): Promise<void> {
    const { program, role } = navalis;
    await program.line(/Waiting until that changes\./, 15_000);
    expect(await navalis.status()).toMatchObject({ role, state: 'waiting', ...state });
    await pause(waitMs);
    expect(program.output.match(/Waiting until that changes/g)).toHaveLength(1);
    expect(program.output).not.toMatch(ready[role]);
    const from = performance.now();
    arrive();
    await program.line(ready[role], limitMs);
    report(
      `${role}, waiting for ${JSON.stringify(state)}: works after ${((performance.now() - from) / 1000).toFixed(1)} s`,
    );
    expect(await navalis.status()).toMatchObject({ state: role === 'client' ? 'qualified' : 'running' });
    expect(await program.stop()).toEqual({ status: 0, signal: null });
  }

  /** Runs a program with this name server alone. */
  function askingAt(address: string): readonly string[] {
    const file = laboratory.file('resolv.conf');
    writeFileSync(file, `nameserver ${address}\n`);
    return ['sh', '-c', `mount --bind ${file} /etc/resolv.conf && exec "$0" "$@"`];
  }

  const byName = ['--server', 'teredo.example'];
  const waitsForName = { waitingFor: 'server-name', evidence: 'teredo.example' };

  it.each(['refuses', 'silent'] as const)('[RT-01][RT-02] a client whose name server %s at first', async (atFirst) => {
    const host = internet.serverHost();
    await startServer(laboratory, host);
    const names = await NameServer.start(laboratory, host, serverAddress, atFirst);
    const client = launch(laboratory, internet.home().host, 'client', {
      flags: byName,
      interpreter: askingAt(serverAddress),
    });
    await waits(client, waitsForName, () => names.answer(serverAddress));
  });

  it('[RT-01] a client whose route to the name server comes late', async () => {
    const host = internet.serverHost();
    await startServer(laboratory, host);
    const names = await NameServer.start(laboratory, host, serverAddress, 'refuses');
    names.answer(serverAddress);
    const home = internet.home().host;
    home.ip('route del default');
    const client = launch(laboratory, home, 'client', { flags: byName, interpreter: askingAt(serverAddress) });
    await waits(client, waitsForName, () => home.ip('route add default via 192.168.1.1'));
  });

  it('[RT-02] a client ends at once while no name server answers', async () => {
    const host = internet.serverHost();
    await NameServer.start(laboratory, host, serverAddress, 'silent');
    const client = launch(laboratory, internet.home().host, 'client', {
      flags: byName,
      interpreter: askingAt(serverAddress),
    });
    await client.program.until('a status', () => client.status().catch(() => undefined), 10_000);
    const from = performance.now();
    expect(await client.program.stop()).toEqual({ status: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  it('[RT-01][RL-A-11] a relay whose IPv6 address comes late', async () => {
    const host = internet.relayHost();
    const address = `${relayIpv6Address}/64 dev eth0`;
    host.ip(`addr del ${address}`);
    const relay = launch(laboratory, host, 'relay');
    await waits(relay, { waitingFor: 'ipv6-address' }, () => host.ip(`addr add ${address}`));
  });

  it('[RT-01] a host-specific relay whose IPv6 address comes late', async () => {
    const host = internet.dualStackHost();
    const address = `${dualStackIpv6Address}/64 dev eth0`;
    host.ip(`addr del ${address}`);
    const relay = launch(laboratory, host, 'host-relay');
    await waits(relay, { waitingFor: 'ipv6-address' }, () => host.ip(`addr add ${address}`));
  });

  interface LateAddress {
    readonly role: Role;
    readonly flags: readonly string[];
    readonly address: string;
    readonly host: (internet: Internet) => Namespace;
    /** The route that belongs to the address. */
    readonly route?: string;
  }

  it.each<LateAddress>([
    {
      role: 'client',
      flags: ['--server', serverAddress, '--bind-address', '192.168.1.100'],
      address: '192.168.1.100',
      host: (network) => network.home().host,
      route: 'route add default via 192.168.1.1',
    },
    {
      role: 'server',
      flags: ['--primary-address', serverAddress],
      address: serverAddress,
      host: (network) => network.serverHost(),
    },
    {
      role: 'server',
      flags: ['--primary-address', serverAddress],
      address: serverSecondaryAddress,
      host: (network) => network.serverHost(),
    },
    {
      role: 'relay',
      flags: ['--bind-address', relayAddress],
      address: relayAddress,
      host: (network) => network.relayHost(),
    },
    {
      role: 'host-relay',
      flags: ['--bind-address', dualStackAddress],
      address: dualStackAddress,
      host: (network) => network.dualStackHost(),
    },
  ])(
    '[RT-01][RT-02] a $role whose address $address comes late',
    async ({ role, flags, address, host: create, route }) => {
      if (role === 'client') await startServer(laboratory, internet.serverHost());
      const host = create(internet);
      // Else the kernel takes the secondary address away with the first one.
      host.setting('net/ipv4/conf/all/promote_secondaries', '1');
      host.ip(`addr del ${address}/24 dev eth0`);
      const navalis = launch(laboratory, host, role, { flags });
      const arrive = () => host.ip(`addr add ${address}/24 dev eth0`, ...(route === undefined ? [] : [route]));
      await waits(navalis, { waitingFor: 'bind-address', evidence: address }, arrive);
    },
  );
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
