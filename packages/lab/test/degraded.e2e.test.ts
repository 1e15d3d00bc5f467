import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import {
  dualStackAddress,
  dualStackIpv6Address,
  relayAddress,
  relayIpv6Address,
  serverAddress,
  serverSecondaryAddress,
  webIpv6Address,
} from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type Navalis, startClient, startHostRelay, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

let laboratory: Laboratory;
let internet: Internet;

beforeEach(() => {
  laboratory = new Laboratory();
  internet = new Internet(laboratory);
});
afterEach(() => laboratory.close());

describe('[SEC-43] an address that leaves the host', () => {
  it.each([serverAddress, serverSecondaryAddress])(
    'of a server, %s: degraded, and at work when it is back',
    async (address) => {
      const host = internet.serverHost();
      const server = await startServer(laboratory, host);
      await takesAndGives(server, host, `${address}/24`, address);
      // Both sockets answer as before.
      await startClient(laboratory, internet.home().host);
    },
  );

  it('of a relay: degraded, and at work when it is back', async () => {
    await startServer(laboratory, internet.serverHost());
    const host = internet.relayHost();
    const relay = await startRelay(laboratory, host, ['--bind-address', relayAddress]);
    await takesAndGives(relay, host, `${relayAddress}/24`, relayAddress);
    const client = await startClient(laboratory, internet.home().host);
    await firstPing(internet.webHost(), client.address, 20_000);
  });

  it('of a relay, its IPv6 address: degraded, and at work when it is back', async () => {
    const host = internet.relayHost();
    const relay = await startRelay(laboratory, host, ['--ipv6-address', relayIpv6Address]);
    await healthOf(relay, 200, 10_000);
    host.ip(`addr del ${relayIpv6Address}/64 dev eth0`);
    await relay.program.line(/lost the address 2d00:0:0:1::20, which this relay sends from/, 12_000);
    expect((await relay.health()).degraded).toContain('address-gone');
    host.ip(`addr add ${relayIpv6Address}/64 dev eth0 nodad`);
    await relay.program.line(/This host has every configured address again/, 12_000);
    await healthOf(relay, 200, 30_000);
  });

  it('of a host-specific relay: degraded, and at work when it is back', async () => {
    await startServer(laboratory, internet.serverHost());
    const host = internet.dualStackHost();
    const relay = await startHostRelay(laboratory, host, ['--bind-address', dualStackAddress]);
    await takesAndGives(relay, host, `${dualStackAddress}/24`, dualStackAddress);
    const client = await startClient(laboratory, internet.home().host);
    await firstPing(client.host, dualStackIpv6Address, 20_000);
  });

  it('of a client: degraded, and at work when it is back', async () => {
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    const { host } = internet.home();
    const client = await startClient(laboratory, host, ['--bind-address', '192.168.1.100']);
    const web = internet.webHost();
    await firstPing(host, webIpv6Address, 20_000);
    await takesAndGives(client, host, '192.168.1.100/24', '192.168.1.100', '192.168.1.1');
    const { address = '' } = await client.status();
    await firstPing(web, address, 30_000);
  });
});

describe('[SV-C-05] the IPv6 default route of a server', () => {
  it('removed later, and added again: degraded meanwhile, and clients still get their addresses', async () => {
    const host = internet.serverHost();
    const server = await startServer(laboratory, host);
    await healthOf(server, 200, 3_000);
    const [route = ''] = host.run('ip', ['-6', 'route', 'show', 'default']).stdout.split('\n');
    host.run('ip', ['-6', 'route', 'del', 'default']);
    await healthOf(server, 503, 5_000);
    expect(await server.health()).toEqual({ status: 503, state: 'degraded', degraded: ['no-ipv6-connectivity'] });
    await server.program.line(/no IPv6 default route with a global address.*Give this host a global IPv6 address/);
    await startClient(laboratory, internet.home().host);
    host.run('ip', ['-6', 'route', 'add', ...route.trim().split(/\s+/)]);
    await healthOf(server, 200, 5_000);
  });
});

describe('[RL-A-13] forwarding of a relay', () => {
  it('switched off later, and on again: degraded meanwhile', async () => {
    const host = internet.relayHost();
    const relay = await startRelay(laboratory, host);
    await healthOf(relay, 200, 3_000);
    host.setting('net/ipv6/conf/all/forwarding', '0');
    await healthOf(relay, 503, 3_000);
    expect(await relay.health()).toEqual({ status: 503, state: 'degraded', degraded: ['forwarding-off'] });
    await relay.program.line(/forwarding is off.*Run "sysctl -w net\.ipv6\.conf\.all\.forwarding=1"/);
    host.setting('net/ipv6/conf/all/forwarding', '1');
    await healthOf(relay, 200, 3_000);
    await relay.program.line(/The kernel forwards IPv6 packets now/);
  });

  it('does not depend on the setting of one interface: the kernel still forwards packets', async () => {
    await startServer(laboratory, internet.serverHost());
    const host = internet.relayHost();
    const relay = await startRelay(laboratory, host);
    const client = await startClient(laboratory, internet.home().host);
    host.setting('net/ipv6/conf/eth0/forwarding', '0');
    host.setting('net/ipv6/conf/teredo/forwarding', '0');
    await firstPing(internet.webHost(), client.address, 20_000);
    expect((await relay.health()).status).toBe(200);
  });
});

describe('[SEC-42] packets that are all dropped', () => {
  it('by a relay, because their source is not served: one warning with the cure', async () => {
    await startServer(laboratory, internet.serverHost());
    const web = internet.webHost();
    const relay = await startRelay(laboratory, internet.relayHost(), ['--served-prefix', '2d00:0:0:7::/64']);
    const client = await startClient(laboratory, internet.home().host);
    await web.runBeside('ping', ['-6', '-n', '-c', '18', '-i', '1', '-W', '1', client.address], {
      tolerant: true,
      timeoutMs: 40_000,
    });
    await relay.program.line(/All packets for the tunnel were dropped.*source-not-served.*served-prefix/, 5_000);
    expect(relay.program.output.match(/All packets for the tunnel/g)).toHaveLength(1);
  });
});

describe('[RL-A-14] a relay whose IPv4 address changes', () => {
  it('tells its clients at once', async () => {
    await startServer(laboratory, internet.serverHost());
    const host = internet.relayHost();
    await startRelay(laboratory, host);
    const client = await startClient(laboratory, internet.home().host);
    const web = internet.webHost();
    await firstPing(web, client.address, 20_000);
    host.setting('net/ipv4/conf/eth0/promote_secondaries', '1');
    host.ip('addr add 198.51.100.77/24 dev eth0', `addr del ${relayAddress}/24 dev eth0`);
    host.run('ip', ['route', 'replace', 'default', 'via', '198.51.100.1']);
    const from = performance.now();
    await firstPing(web, client.address, 20_000);
    const tookMs = performance.now() - from;
    report(`relay at another address: native hosts reach the client after ${(tookMs / 1000).toFixed(1)} s`);
    expect(tookMs).toBeLessThan(10_000);
  });
});

/** Removes the address and adds it again; the program must log both and be healthy only with it. */
async function takesAndGives(
  navalis: Navalis,
  host: Namespace,
  prefix: string,
  address: string,
  gateway = '198.51.100.1',
): Promise<void> {
  await healthOf(navalis, 200, 10_000);
  // Removing the first address of a subnet removes the others, unless they are promoted.
  host.setting('net/ipv4/conf/eth0/promote_secondaries', '1');
  host.ip(`addr del ${prefix} dev eth0`);
  await navalis.program.line(new RegExp(`lost the address ${address.replaceAll('.', '\\.')}`), 12_000);
  const { status, degraded } = await navalis.health();
  expect(status).toBe(503);
  if ((await navalis.status()).state === 'degraded') expect(degraded).toContain('address-gone');
  host.ip(`addr add ${prefix} dev eth0`);
  host.run('ip', ['route', 'replace', 'default', 'via', gateway]);
  await navalis.program.line(/This host has every configured address again/, 12_000);
  await healthOf(navalis, 200, 60_000);
}

async function healthOf(navalis: Navalis, status: number, patienceMs: number): Promise<void> {
  const probe = async () => (await navalis.health().catch(() => undefined))?.status === status || undefined;
  await navalis.program.until(`health ${status}`, probe, patienceMs);
}
