import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import {
  launch,
  type Navalis,
  type NavalisClient,
  startClient,
  startHostRelay,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';

/** An address of the data centre; the server has two others. */
const relayAddress = '198.51.100.13';
const hostIpv6Address = '2d00:0:0:1::10';

/** A dual-stack host that is the Internet's next hop to 2001::/32. */
function smallDeployment(laboratory: Laboratory) {
  const internet = new Internet(laboratory);
  const host = internet.serverHost();
  host.setting('net/ipv6/conf/all/forwarding', '1');
  internet.core.ip(`route add 2001::/32 via ${hostIpv6Address}`);
  return { internet, host, web: internet.webHost() };
}

async function datagrams(program: Navalis): Promise<number> {
  return (await program.status()).counters.datagramsReceived;
}

describe('server and relay on one host', () => {
  let laboratory: Laboratory;
  let client: NavalisClient;
  let web: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const { internet, host, ...others } = smallDeployment(laboratory);
    web = others.web;
    host.ip(`addr add ${relayAddress}/24 dev eth0`);
    await startServer(laboratory, host);
    await startRelay(laboratory, host, ['--bind-address', relayAddress]);
    client = await startClient(laboratory, internet.home().host);
  });

  afterAll(() => laboratory.close());

  it('[SV-C-08] carry traffic both ways', { timeout: 30_000 }, async () => {
    await firstPing(client.host, webIpv6Address, 10_000);
    expect(await ping(web, client.address, { count: 5 })).toMatchObject({ sent: 5, received: 5 });
  });
});

describe("server, relay and host-specific relay on one host with the server's two addresses", () => {
  let laboratory: Laboratory;
  let host: Namespace;
  let web: Namespace;
  let client: NavalisClient;
  let other: NavalisClient;
  let server: Navalis;
  let relay: Navalis;
  let hostRelay: Navalis;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const { internet, ...others } = smallDeployment(laboratory);
    host = others.host;
    web = others.web;
    server = await startServer(laboratory, host);
    relay = await startRelay(laboratory, host, ['--bind-port', '3545']);
    hostRelay = await startHostRelay(laboratory, host, ['--interface', 'teredo1', '--route-metric', '2048']);
    [client, other] = await Promise.all([
      startClient(laboratory, internet.home().host),
      startClient(laboratory, internet.home().host),
    ]);
  });

  afterAll(() => laboratory.close());

  it('[SEC-06][SV-C-08] a client reaches a native host through the relay', { timeout: 30_000 }, async () => {
    const before = [await datagrams(relay), await datagrams(hostRelay)];
    await firstPing(client.host, webIpv6Address, 15_000);
    expect(await ping(client.host, webIpv6Address, { count: 5 })).toMatchObject({ sent: 5, received: 5 });
    expect((await datagrams(relay)) - before[0]!).toBeGreaterThanOrEqual(6);
    expect(await datagrams(hostRelay)).toBe(before[1]);
  });

  it('[SEC-06][SV-F-12] a native host reaches a client that never spoke to it', { timeout: 30_000 }, async () => {
    await firstPing(web, other.address, 15_000);
    expect(await ping(web, other.address, { count: 5 })).toMatchObject({ sent: 5, received: 5 });
  });

  it('[HR-14] the host reaches clients through its host-specific relay, and they it', { timeout: 60_000 }, async () => {
    const before = await datagrams(hostRelay);
    await firstPing(host, client.address, 15_000, hostIpv6Address);
    const own = { count: 5, source: hostIpv6Address };
    expect(await ping(host, client.address, own)).toMatchObject({ sent: 5, received: 5 });
    expect((await datagrams(hostRelay)) - before).toBeGreaterThanOrEqual(6);
    await firstPing(other.host, hostIpv6Address, 15_000);
    expect(await ping(other.host, hostIpv6Address, { count: 5 })).toMatchObject({ sent: 5, received: 5 });
    // Also if a program of the host lets the kernel choose its address.
    await firstPing(host, other.address, 15_000);
  });

  it('a ping of the relay, whose reply the host-specific relay would get, names the program to use', async () => {
    const refused = await relay.call('ping', '-c', '1', client.address);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('leave through the interface "teredo1". Use the ping of its program');
    expect(await hostRelay.call('ping', '-c', '3', client.address)).toMatchObject({ status: 0 });
    const native = await relay.call('ping', webIpv6Address);
    expect(native).toMatchObject({ status: 2, stdout: '' });
    expect(native.stderr).toContain('A relay pings Teredo clients only');
    expect((await relay.status()).counters.drops).not.toHaveProperty('not-a-teredo-destination');
  });

  it('clients reach each other, and no packet is mistaken for a loop', { timeout: 30_000 }, async () => {
    await firstPing(client.host, other.address, 15_000);
    for (const program of [server, relay, hostRelay]) {
      const { counters } = await program.status();
      expect(counters.drops).not.toHaveProperty('own-address-loop');
      expect(counters.drops).not.toHaveProperty('tunnel-loop');
    }
  });

  it('[SEC-07] a client on the host itself qualifies and is reached', { timeout: 60_000 }, async () => {
    const flags = ['--interface', 'teredo2', '--native-ipv6', 'ignore', '--bind-address', '198.51.100.11'];
    const own = await startClient(laboratory, host, flags);
    await firstPing(client.host, own.address, 20_000);
    await firstPing(host, client.address, 20_000, own.address);
    await own.program.stop();
  });

  it('a second relay with the same routes prints what to do', async () => {
    const refused = launch(laboratory, host, 'relay', { flags: ['--bind-port', '3546', '--interface', 'teredo3'] });
    expect(await refused.program.ended).toEqual({ status: 1, signal: null });
    expect(refused.program.output).toMatch(
      /File exists\. Another route to 2001::\/32 .*: choose another --route-metric\./,
    );
    const taken = launch(laboratory, host, 'server', { flags: ['--primary-address', '198.51.100.10'] });
    expect(await taken.program.ended).toEqual({ status: 1, signal: null });
    expect(taken.program.output).toContain('is in use by another program. Stop that program: a server works on this');
  });
});
