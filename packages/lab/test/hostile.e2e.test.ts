import { parseIpv4, parseIpv6 } from '@navalis/address';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import {
  dualStackAddress,
  dualStackIpv6Address,
  relayAddress,
  serverAddress,
  webIpv6Address,
} from '../src/network/address-plan.ts';
import { type Home, Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import {
  type Navalis,
  type NavalisClient,
  startClient,
  startHostRelay,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { flood } from '../src/traffic/hostile-sender.ts';
import { hostileTemplates } from '../src/traffic/hostile-templates.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const datagrams = 50_000;
const bystanderAddress = '198.51.100.66';
const teredoPort = 3544;

describe('50,000 random, truncated and mutated datagrams', () => {
  const seed = Math.floor(Math.random() * 0x1_0000_0000);
  let laboratory: Laboratory;
  let internet: Internet;
  let bystander: Namespace;
  let web: Namespace;
  let home: Home;
  let server: Navalis;
  let relay: Navalis;
  let hostRelay: Navalis;
  let client: NavalisClient;

  beforeAll(async () => {
    report(`seed ${seed}`);
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    bystander = internet.bystander();
    web = internet.webHost();
    server = await startServer(laboratory, internet.serverHost());
    relay = await startRelay(laboratory, internet.relayHost());
    hostRelay = await startHostRelay(laboratory, internet.dualStackHost());
    home = internet.home();
    client = await startClient(laboratory, home.host);
  });

  afterAll(() => laboratory.close());

  async function bombard(
    victim: Navalis,
    from: Namespace,
    fromEndpoint: { address: string; port: number },
    to: { address: string; port: number },
    count: number,
  ): Promise<void> {
    const before = await victim.status();
    const sent = await flood(from, {
      from: fromEndpoint,
      to,
      count,
      seed,
      templates: hostileTemplates({
        sender: { address: parseIpv4(fromEndpoint.address)!, port: fromEndpoint.port },
        server: parseIpv4(serverAddress)!,
        client: parseIpv6(client.address)!,
        native: parseIpv6(webIpv6Address)!,
      }),
    });
    expect(sent).toBe(count);
    const after = await victim.status();
    const received = after.counters.datagramsReceived - before.counters.datagramsReceived;
    const drops = Object.entries(after.counters.drops)
      .map(([reason, number]) => [reason, number - (before.counters.drops[reason] ?? 0)] as const)
      .filter(([, number]) => number > 0);
    const dropped = drops.reduce((sum, [, number]) => sum + number, 0);
    report(`teredo-${victim.role}: ${received} received, ${dropped} dropped`);
    report(`  ${drops.map(([reason, number]) => `${reason} ${number}`).join(', ')}`);
    // A third is random octets and a third is cut short: hardly any of these is well formed.
    expect(received).toBeGreaterThan(count * 0.9);
    expect(dropped).toBeGreaterThan(count * 0.5);
    expect(drops.length).toBeGreaterThan(3);
  }

  async function everythingWorks(): Promise<void> {
    expect(server.program.ending).toBeUndefined();
    await firstPing(home.host, webIpv6Address, 10_000);
    await firstPing(home.host, dualStackIpv6Address, 10_000);
    const fresh = await startClient(laboratory, internet.home().host);
    await firstPing(web, fresh.address, 10_000);
    await firstPing(fresh.host, client.address, 10_000);
    await fresh.program.stop();
  }

  it('[WF-29] leave a server working, with drops counted by reason', async () => {
    const port = 40_000;
    await bombard(
      server,
      bystander,
      { address: bystanderAddress, port },
      { address: serverAddress, port: teredoPort },
      datagrams,
    );
    await everythingWorks();
  });

  it('[WF-29] leave a relay working, with drops counted by reason', async () => {
    const port = 40_001;
    await bombard(
      relay,
      bystander,
      { address: bystanderAddress, port },
      { address: relayAddress, port: teredoPort },
      datagrams,
    );
    await everythingWorks();
  });

  it('[WF-29] leave a host-specific relay working, with drops counted by reason', async () => {
    const port = 40_002;
    const to = { address: dualStackAddress, port: teredoPort };
    await bombard(hostRelay, bystander, { address: bystanderAddress, port }, to, datagrams);
    await everythingWorks();
  });

  it('[WF-29] leave a client working, from a neighbour and in the name of its server', async () => {
    const { local } = await client.status();
    const to = { address: '192.168.1.100', port: local?.port ?? 0 };
    const { router } = home;
    await bombard(client, router, { address: '192.168.1.1', port: 40_003 }, to, datagrams / 2);

    // The home's router now forges the server's address; the client's packets to its server are lost meanwhile.
    router.run('nft', ['-f', '-'], {
      input: `table ip lie {
        chain output {
          type filter hook output priority raw;
          ip saddr ${serverAddress} notrack
        }
      }`,
    });
    router.ip(`addr add ${serverAddress}/32 dev lo`);
    await bombard(client, router, { address: serverAddress, port: teredoPort }, to, datagrams / 2);
    router.ip(`addr del ${serverAddress}/32 dev lo`);
    router.run('nft', ['delete', 'table', 'ip', 'lie']);
    await everythingWorks();
  });
});
