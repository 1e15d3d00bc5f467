import { afterAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { otherServerAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { type Home, Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

/** The lifetime of mappings in these homes' NATs: longer than the refresh interval, which is 10 s here. */
const mappingLifetimeS = 12;

/** The log line of a client that gets an address; the line for a lost one starts the same way. */
const assigned = 'Teredo address \\S+: server';

interface Scene {
  readonly laboratory: Laboratory;
  readonly internet: Internet;
  readonly home: Home;
  readonly web: Namespace;
}

describe.concurrent('a client that survives', () => {
  const laboratories: Laboratory[] = [];

  async function scene(): Promise<Scene> {
    const laboratory = new Laboratory();
    laboratories.push(laboratory);
    const internet = new Internet(laboratory);
    await startRelay(laboratory, internet.relayHost());
    const home = internet.home();
    home.router.setting('net/netfilter/nf_conntrack_udp_timeout', String(mappingLifetimeS));
    home.router.setting('net/netfilter/nf_conntrack_udp_timeout_stream', String(mappingLifetimeS));
    drawPorts(home.router, 40_000);
    return { laboratory, internet, home, web: internet.webHost() };
  }

  async function sceneWithServer() {
    const its = await scene();
    await startServer(its.laboratory, its.internet.serverHost());
    const client = await startClient(its.laboratory, its.home.host, ['--refresh-interval', '10']);
    await firstPing(client.host, webIpv6Address, 10_000);
    return { ...its, client };
  }

  afterAll(async () => {
    for (const laboratory of laboratories) await laboratory.close();
  });

  it('[CL-C-09][CL-C-05] the death of its server, and goes back to it when it is alive again', async () => {
    const { laboratory, internet, home, web } = await scene();
    const serverHost = internet.serverHost();
    const server = await startServer(laboratory, serverHost);
    await startServer(laboratory, internet.otherServerHost(), otherServerAddress);
    const port = 45_454;
    countOtherPorts(home.router, port);
    const client = await startClient(laboratory, home.host, [
      ...['--server', otherServerAddress, '--refresh-interval', '10', '--fail-back-interval', '8'],
      ...['--bind-port', String(port)],
    ]);
    await firstPing(client.host, webIpv6Address, 10_000);

    await server.program.kill();
    const over = await again(client, 'Teredo address 2001:0:c633:640e:\\S+: server', 40_000);
    await startServer(laboratory, serverHost);
    const back = await again(client, 'answers now.*Teredo address 2001:0:c633:640a:\\S+: server', 60_000);
    const { address = '' } = await client.status();
    await firstPing(web, address, 20_000);
    report(`server dead: other server after ${over}; server alive: back after ${back}`);

    // Solicitations to both servers, a bubble to the relay, its test and data: all left from the one port.
    const { counters } = await client.status();
    expect(counters.bubblesSent).toBeGreaterThan(0);
    expect(packetsFromOtherPorts(home.router)).toBe(0);
  });

  it('a restart of its NAT, which then chooses other ports', async () => {
    const { home, client } = await sceneWithServer();
    // The kernel forgets all mappings of an interface that goes down.
    home.router.ip('link set wan down');
    drawPorts(home.router, 50_000);
    home.router.ip('link set wan up', 'route add default via 203.0.113.1');
    report(`NAT restarted: back after ${await again(client, assigned, 30_000)}`);
    expect((await client.status()).mapped?.port).toBeGreaterThanOrEqual(50_000);
  });

  it('a change of its IPv4 address', async () => {
    const { home, client } = await sceneWithServer();
    home.host.ip(
      'addr del 192.168.1.100/24 dev eth0',
      'addr add 192.168.1.200/24 dev eth0',
      'route add default via 192.168.1.1',
    );
    // The NAT still holds the port for the previous address.
    const sign = `sending from 192.168.1.200:.*${assigned}`;
    report(`new local address: back after ${await again(client, sign, 30_000)}`);
    expect((await client.status()).local?.address).toBe('192.168.1.200');
  });

  it('[CL-U-10][SEC-30] an idle period: no open socket until the host sends something', async () => {
    const its = await scene();
    await startServer(its.laboratory, its.internet.serverHost());
    const client = await startClient(its.laboratory, its.home.host, ['--idle-timeout', '10']);
    expect(udpSockets(client.host)).toHaveLength(1);
    await client.program.line(/Not using Teredo: this host has sent nothing through it for 10 s/, 30_000);
    expect(udpSockets(client.host)).toEqual([]);
    expect(await client.status()).toMatchObject({ state: 'disabled', disabledReason: 'idle' });
    const awake = again(client, `Using Teredo again.*${assigned}`, 30_000);
    await firstPing(client.host, webIpv6Address, 20_000);
    report(`idle: back after ${await awake} of asking`);
    expect(udpSockets(client.host)).toHaveLength(1);
  });

  it('a pause that is longer than its mapping lives', async () => {
    const { home, client } = await sceneWithServer();
    client.program.signal('SIGSTOP');
    drawPorts(home.router, 50_000);
    await new Promise((resolve) => setTimeout(resolve, (mappingLifetimeS + 1) * 1000));
    client.program.signal('SIGCONT');
    report(`stopped for ${mappingLifetimeS + 1} s: back after ${await again(client, assigned, 30_000)}`);
    expect((await client.status()).mapped?.port).toBeGreaterThanOrEqual(50_000);
  });
});

/** Has the NAT give new mappings the first free ports from this one on, one for all peers. */
function drawPorts(router: Namespace, from: number): void {
  router.run('nft', ['-f', '-'], {
    input: `
      flush chain ip nat postrouting
      add rule ip nat postrouting oifname "wan" meta l4proto udp masquerade to :${from}-${from + 9_999}
      add rule ip nat postrouting oifname "wan" masquerade
    `,
  });
}

/** Waits until the client logs a new line and reaches the Internet again; returns the time that took as text. */
async function again(client: NavalisClient, sign: string, patienceMs: number): Promise<string> {
  const from = performance.now();
  const { program } = client;
  const said = program.output.length;
  const pattern = new RegExp(sign, 's');
  await program.until(sign, () => pattern.exec(program.output.slice(said)) ?? undefined, patienceMs);
  await firstPing(client.host, webIpv6Address, 20_000);
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}

function udpSockets(host: Namespace): readonly string[] {
  return host.run('ss', ['-Huan']).stdout.split('\n').filter(Boolean);
}

/** Counts UDP datagrams from inside that come from any other port. */
function countOtherPorts(router: Namespace, port: number): void {
  router.run('nft', ['-f', '-'], {
    input: `table ip watch {
      counter others {}
      chain arrivals {
        type filter hook prerouting priority -400;
        iifname "lan" udp sport != ${port} counter name others
      }
    }`,
  });
}

function packetsFromOtherPorts(router: Namespace): number | undefined {
  const { stdout } = router.run('nft', ['list', 'counter', 'ip', 'watch', 'others']);
  const packets = /packets (\d+)/.exec(stdout)?.[1];
  return packets === undefined ? undefined : Number(packets);
}
