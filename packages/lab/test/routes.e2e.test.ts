import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import {
  otherServerAddress,
  otherServerSecondaryAddress,
  serverAddress,
  webIpv6Address,
} from '../src/network/address-plan.ts';
import { type Home, Internet } from '../src/network/internet.ts';
import { connect } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { launch, type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

/** The time from a change of the routes until the client has followed it (RT-05). */
const limitMs = 2_000;

describe('a client whose routes change', () => {
  let laboratory: Laboratory;
  let internet: Internet;
  let server: Namespace;
  let home: Home;

  beforeEach(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    server = internet.serverHost();
    await startServer(laboratory, server);
    home = internet.home();
  });

  afterEach(() => laboratory.close());

  /**
   * Another link of the client's host to its router, as a VPN would be: from 10.9.0.2, through 10.9.0.1. It has an address of
   * its own on the Internet, so that the mappings of the old way take no port from those of the new one.
   */
  function otherWay(): void {
    connect({ namespace: home.router, interface: 'vpn' }, { namespace: home.host, interface: 'wg0' }, 'single-packets');
    home.router.ip('addr add 10.9.0.1/24 dev vpn', 'link set vpn up');
    home.host.ip('addr add 10.9.0.2/24 dev wg0', 'link set wg0 up');
    home.router.run('nft', ['-f', '-'], {
      input: `table ip vpn {
        chain post {
          type nat hook postrouting priority srcnat - 10;
          ip saddr 10.9.0.2 oifname "wan" snat to 203.0.113.111
        }
      }
      add rule inet filter forward iifname "vpn" oifname "wan" accept`,
    });
  }

  /** Makes a change after which datagrams to the server leave from `address`, and come from `mapped` on the Internet. */
  async function changes(
    client: NavalisClient,
    what: string,
    [address, mapped]: readonly [string, string],
    change: () => void,
  ): Promise<void> {
    const said = client.program.output.length;
    const from = performance.now();
    change();
    const seen = async () => ((await client.status()).local?.address === address ? true : undefined);
    const sign = new RegExp(`sending from ${address}:`);
    await client.program.until(what, () => sign.exec(client.program.output.slice(said)) ?? undefined, limitMs);
    report(`${what}: followed after ${((performance.now() - from) / 1000).toFixed(2)} s`);
    await client.program.until('its status', seen, 5_000);
    await client.program.until(
      'its address',
      async () => ((await client.status()).mapped?.address === mapped ? true : undefined),
      10_000,
    );
  }

  it.each([
    ['a host route', [`route add ${serverAddress} via 10.9.0.1`], [`route del ${serverAddress}`]],
    [
      'routes that cover the default route',
      ['route add 0.0.0.0/1 via 10.9.0.1', 'route add 128.0.0.0/1 via 10.9.0.1'],
      ['route del 128.0.0.0/1', 'route del 0.0.0.0/1'],
    ],
    [
      'a rule with a table of its own',
      ['route add default via 10.9.0.1 table 51820', 'rule add not fwmark 51820 table 51820'],
      ['rule del not fwmark 51820 table 51820'],
    ],
  ] as const)('[RT-05] follows %s, and back', async (what, there, back) => {
    await startRelay(laboratory, internet.relayHost());
    internet.webHost();
    otherWay();
    const client = await startClient(laboratory, home.host);
    expect((await client.status()).local?.address).toBe('192.168.1.100');
    await changes(client, what, ['10.9.0.2', '203.0.113.111'], () => home.host.ip(...there));
    // A route to the server alone leaves the relay behind the other NAT, where this address does not lead.
    if (what !== 'a host route') await firstPing(home.host, webIpv6Address, 10_000);
    await changes(client, `the end of ${what}`, ['192.168.1.100', '203.0.113.11'], () => home.host.ip(...back));
    await firstPing(home.host, webIpv6Address, 10_000);
  });

  it('[RT-05] follows another gateway of the same network', async () => {
    home.router.ip('addr add 192.168.1.254/24 dev lan');
    const client = await startClient(laboratory, home.host);
    const before = (await client.status()).counters.solicitationsSent;
    const from = performance.now();
    home.host.ip(`route add ${serverAddress} via 192.168.1.254`);
    const asked = async () => ((await client.status()).counters.solicitationsSent > before ? true : undefined);
    await client.program.until('a check of its mapping', asked, 5_000);
    report(`another gateway: followed after ${((performance.now() - from) / 1000).toFixed(2)} s at most`);
  });

  it('[RT-05] uses the other way to a server that a reload names', async () => {
    await startServer(laboratory, internet.otherServerHost(), otherServerAddress);
    otherWay();
    home.host.ip(...[otherServerAddress, otherServerSecondaryAddress].map((each) => `route add ${each} via 10.9.0.1`));
    const file = laboratory.file('client.toml');
    writeFileSync(file, `server = "${serverAddress}"\n`);
    const client = launch(laboratory, home.host, 'client', { flags: ['--config', file] });
    await client.program.line(/Teredo address 2001:/);
    expect((await client.status()).local?.address).toBe('192.168.1.100');
    writeFileSync(file, `server = "${otherServerAddress}"\n`);
    client.program.signal('SIGHUP');
    await client.program.line(/sending from 10\.9\.0\.2:[\s\S]*Teredo address 2001:0:c633:640e:/, 20_000);
    const [local, mapped] = [{ address: '10.9.0.2' }, { address: '203.0.113.111' }];
    expect(await client.status()).toMatchObject({ server: otherServerAddress, local, mapped });
  });

  const blame = /UDP port 3544/;

  it.each([
    ['no default route', ['route del default'], ['route add default via 192.168.1.1']],
    ['an unreachable route', [`route add unreachable ${serverAddress}`], [`route del unreachable ${serverAddress}`]],
    ['a blackhole', [`route add blackhole ${serverAddress}`], [`route del blackhole ${serverAddress}`]],
    ['a prohibited route', [`route add prohibit ${serverAddress}`], [`route del prohibit ${serverAddress}`]],
  ] as const)(
    '[RT-04] with %s names the route and not the server, at the start and later',
    async (what, away, back) => {
      home.host.ip(...away);
      const client = launch(laboratory, home.host, 'client', { flags: ['--server', serverAddress] });
      await client.program.line(new RegExp(`This host has no IPv4 route to ${serverAddress}\\.`));
      const status = await client.status();
      expect(status).toMatchObject({ state: 'off-line', offlineReason: 'no-route' });
      expect(status).not.toHaveProperty('local');
      expect(status.counters.solicitationsSent).toBe(0);
      let from = performance.now();
      home.host.ip(...back);
      await client.program.line(/Teredo address 2001:/, 5_000);
      report(`${what} ends: address after ${((performance.now() - from) / 1000).toFixed(2)} s`);
      expect((await client.status()).local?.address).toBe('192.168.1.100');

      home.host.ip(...away);
      const gone = async () => ((await client.status()).offlineReason === 'no-route' ? true : undefined);
      await client.program.until('no route', gone, 30_000);
      from = performance.now();
      home.host.ip(...back);
      const again = async () => ((await client.status()).state === 'qualified' ? true : undefined);
      await client.program.until('its address again', again, 5_000);
      report(`${what} ends again: address after ${((performance.now() - from) / 1000).toFixed(2)} s`);
      expect(client.program.output).not.toMatch(blame);
    },
  );

  it('[RT-04] takes the next server when only the first one has no route', async () => {
    await startServer(laboratory, internet.otherServerHost(), otherServerAddress);
    home.host.ip(`route add unreachable ${serverAddress}`);
    const flags = ['--server', `${serverAddress}`, '--server', otherServerAddress];
    const client = launch(laboratory, home.host, 'client', { flags });
    await client.program.line(/Teredo address 2001:0:c633:640e:/, 5_000);
    expect(await client.status()).toMatchObject({ server: otherServerAddress, local: { address: '192.168.1.100' } });
    expect(client.program.output).not.toMatch(blame);
  });
});
