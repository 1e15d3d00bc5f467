import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import { type Navalis, startClient, startHostRelay, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

describe('starting and ending', () => {
  let laboratory: Laboratory;
  let server: Namespace;
  let relay: Namespace;
  let dualStack: Namespace;
  let web: Namespace;
  let home: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    server = internet.serverHost();
    relay = internet.relayHost();
    dualStack = internet.dualStackHost();
    web = internet.webHost();
    home = internet.home().host;
  });

  afterAll(() => laboratory.close());

  /** SIGTERM, then SIGKILL with a new start and SIGTERM: the machine must look as before each time. */
  async function leavesNothing(host: Namespace, start: () => Promise<Navalis>, touchesNetwork: boolean): Promise<void> {
    const before = networkSnapshot(host);
    const first = await start();
    if (touchesNetwork) expect(networkSnapshot(host)).not.toEqual(before);
    expect(await first.program.stop()).toEqual({ status: 0, signal: null });
    expect(first.program.output.match(/has stopped\./g)).toHaveLength(1);
    expect(first.program.output).toMatch(/ The (client|server|relay|host-specific relay) has stopped\.\n$/);
    expect(networkSnapshot(host)).toEqual(before);

    const killed = await start();
    await killed.program.kill();
    const next = await start();
    expect(await next.program.stop()).toEqual({ status: 0, signal: null });
    expect(networkSnapshot(host)).toEqual(before);
  }

  it('a relay leaves its machine as it was after SIGTERM, and after SIGKILL with a later start', () =>
    leavesNothing(relay, () => startRelay(laboratory, relay), true));

  it('a host-specific relay leaves its machine as it was after SIGTERM, and after SIGKILL with a later start', () =>
    leavesNothing(dualStack, () => startHostRelay(laboratory, dualStack), true));

  it('a server leaves its machine as it was after SIGTERM, and after SIGKILL with a later start', () =>
    leavesNothing(server, () => startServer(laboratory, server), false));

  it('a client leaves its machine as it was after SIGTERM, and after SIGKILL with a later start', async () => {
    await startServer(laboratory, server);
    await leavesNothing(home, () => startClient(laboratory, home), true);
  });

  it('[IO-11] a client carries its address on an interface whose default route yields to native IPv6', async () => {
    await startRelay(laboratory, relay);
    const client = await startClient(laboratory, home);
    report(`address ${client.addressAfterMs.toFixed(0)} ms after the start of the process`);
    type Route = { dev: string; metric: number; from?: string };
    const routes = home.ipJson('-6', 'route', 'show', 'default') as readonly Route[];
    // One for every source and one for the client's own address, which keeps two clients on one host apart.
    expect(routes.map(({ dev, from }) => ({ dev, from }))).toEqual(
      expect.arrayContaining([
        { dev: 'teredo', from: undefined },
        { dev: 'teredo', from: client.address },
      ]),
    );
    expect(routes).toHaveLength(2);
    // The kernel gives routes of router advertisements and of administrators 1024 when nothing is said.
    expect(Math.min(...routes.map(({ metric }) => metric))).toBeGreaterThan(1024);
    const addresses = JSON.stringify(home.ipJson('-6', 'addr', 'show', 'dev', 'teredo'));
    expect(addresses).toContain('"fe80::');
    expect(addresses).toContain(client.address);
    await firstPing(home, webIpv6Address, 10_000);
    await firstPing(web, client.address, 10_000);

    home.ip('addr add 2d00:0:0:9::1/64 dev eth0', 'route add ::/0 via 2d00:0:0:9::2 dev eth0');
    const [used] = home.ipJson('-6', 'route', 'get', webIpv6Address) as readonly { dev: string }[];
    expect(used?.dev).toBe('eth0');
    await client.program.stop();
  });
});
