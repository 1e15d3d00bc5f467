import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, ipv6Network } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { plugIn } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';

const defaultRoute = `::/0 via ${ipv6Network.ipv6Gateway} dev eth1`;

/** A client follows changes of addresses and routes within 2 s; a longer wait shows that it does not. */
const lookMs = 2_500;

/** An address of a router next to the host, and its meaning for the host. */
interface Situation {
  readonly what: string;
  /** Commands of `ip -6` that create it, and those that undo it. */
  readonly add: readonly string[];
  readonly undo: readonly string[];
}

const address = (text: string, device: string) => `${text} dev ${device}`;

/** An address and a default route on eth1, which has carrier and a router. */
function withRoute(what: string, text: string): Situation {
  return {
    what,
    add: [`addr add ${address(text, 'eth1')} nodad`, 'route add ::/0 dev eth1'],
    undo: ['route del ::/0 dev eth1', `addr del ${address(text, 'eth1')}`],
  };
}

function withoutRoute(what: string, text: string, device: string): Situation {
  return { what, add: [`addr add ${address(text, device)} nodad`], undo: [`addr del ${address(text, device)}`] };
}

describe('other IPv6 on the host of a client', () => {
  let laboratory: Laboratory;
  let internet: Internet;
  let host: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    internet.webHost();
    await startServer(laboratory, internet.serverHost());
    host = internet.home().host;
    plugIn({ namespace: host, interface: 'eth1' }, internet.core, ipv6Network.bridge, 'single-packets');
    // The other end stays down: a link without carrier.
    host.ip('link add dark0 type veth peer name dark1', 'link set dark0 up');
    host.setting('net/ipv6/conf/dark0/ignore_routes_with_linkdown', '1');
  });

  afterAll(() => laboratory.close());

  function arrange(commands: readonly string[]): void {
    host.ip(...commands);
  }

  describe('that leads nowhere', () => {
    let client: NavalisClient;

    beforeAll(async () => {
      client = await startClient(laboratory, host);
    });

    afterAll(async () => {
      await client.program.stop();
    });

    it.each([
      withoutRoute('a global address without a default route', '2d00:0:0:2::99/64', 'eth1'),
      withoutRoute('a global address on lo', '2d00:0:0:9::1/128', 'lo'),
      {
        what: 'a global address and a default route on a link without carrier',
        add: ['addr add 2d00:0:0:8::1/64 dev dark0 nodad', 'route add ::/0 dev dark0 metric 100'],
        undo: ['route del ::/0 dev dark0 metric 100', 'addr del 2d00:0:0:8::1/64 dev dark0'],
      },
      withRoute('a documentation address with a default route', '2001:db8::1/64'),
      withRoute('a 6to4 address around a private one with a default route', '2002:a00:1::1/64'),
    ])('[CL-U-15] stays beside $what', async ({ add, undo }) => {
      arrange(add);
      try {
        await new Promise((resolve) => setTimeout(resolve, lookMs));
        expect(client.program.output).not.toMatch(/Not using Teredo/);
        expect(await client.status()).toMatchObject({ state: 'qualified', address: client.address });
      } finally {
        arrange(undo);
      }
    });
  });

  it.each([
    ['a global address', '2d00:0:0:2::99'],
    ['a unique local address', 'fd00::99'],
  ])('[CL-U-15] steps back for %s with a default route, and returns without it', async (_, native) => {
    const client = await startClient(laboratory, host);
    arrange([`addr add ${native}/64 dev eth1 nodad`, `route add ${ipv6Network.ipv6Gateway}/128 dev eth1`]);
    arrange([`route add ${defaultRoute}`]);
    await client.program.line(
      new RegExp(`Not using Teredo: this host has the IPv6 address ${native}, default route through eth1 `),
      5_000,
    );
    expect(await client.status()).toMatchObject({
      state: 'disabled',
      disabledReason: 'native-ipv6',
      evidence: `${native}, default route through eth1`,
    });
    arrange([`route del ${defaultRoute}`]);
    await client.program.line(/Using Teredo: native IPv6 is gone\./, 20_000);
    arrange([`route del ${ipv6Network.ipv6Gateway}/128 dev eth1`, `addr del ${native}/64 dev eth1`]);
    await client.program.stop();
  });

  describe('that the client is to ignore', () => {
    const native = '2d00:0:0:2::99';
    const flags = ['--native-ipv6', 'ignore', '--interface', 'teredo9'];
    const ip6 = (command: string) => host.run('ip', ['-6', ...command.split(' ')]).stdout;
    const routeOf = (from = '') => ip6(`route get ${dualStackIpv6Address}${from && ` from ${from}`}`);
    let before: unknown;

    beforeAll(async () => {
      await startRelay(laboratory, internet.relayHost());
      internet.dualStackHost();
      arrange([`addr add ${native}/64 dev eth1 nodad`, `route add ${defaultRoute}`]);
      await firstPing(host, dualStackIpv6Address, 20_000);
    });

    it('[CL-U-03] stays the default, and only packets from the Teredo address use the tunnel', async () => {
      before = networkSnapshot(host);
      const client = await startClient(laboratory, host, flags);
      expect(routeOf()).toMatch(/ dev eth1 .*src 2d00:0:0:2::99/);
      expect(routeOf(client.address)).toMatch(/ dev teredo9 /);
      await firstPing(host, dualStackIpv6Address, 20_000);
      await firstPing(host, dualStackIpv6Address, 20_000, client.address);
      await client.program.kill();
      expect(networkSnapshot(host)).toEqual(before);
    });

    it('[CL-U-16] takes no packets from the Teredo address by a rule or a longer route of its own', async () => {
      // A VPN for everything, and one for a prefix, beside a rule of the operator that looks much like the client's.
      ip6(`route add ${defaultRoute} table 51820`);
      ip6('rule add lookup 51820 priority 32764');
      ip6(`route add 2d00::/16 via ${ipv6Network.ipv6Gateway} dev eth1`);
      ip6('rule add from 2001:0:c633:640a::2 fwmark 0x3 lookup 77 priority 3544');
      before = networkSnapshot(host);
      const plain = await startClient(laboratory, host, flags);
      expect(routeOf(plain.address)).toMatch(/ dev eth1 /);
      await plain.program.stop();
      // As a run leaves it that was killed.
      ip6('rule add from 2001:0:c633:640a::1 lookup 77 priority 3544');
      const client = await startClient(laboratory, host, [...flags, '--routing-table', '77']);
      const rule = `from ${client.address} lookup 77`;
      expect(ip6('rule show')).toContain(rule);
      expect(ip6('rule show')).not.toContain('2001:0:c633:640a::1 ');
      expect(routeOf()).toMatch(/ dev eth1 /);
      expect(routeOf(client.address)).toMatch(/ dev teredo9 table 77 /);
      await firstPing(host, dualStackIpv6Address, 20_000, client.address);
      ip6(`rule del ${rule}`);
      await client.program.line(/\(rule from 2001:0:\S+ lookup 77 missing\) and is restored/, 15_000);
      expect(ip6('rule show')).toContain(rule);
      await client.program.kill();
      expect(ip6('rule show')).toContain(rule);
      const again = await startClient(laboratory, host, [...flags, '--routing-table', '77']);
      expect(ip6('rule show').match(/lookup 77/g)).toHaveLength(2);
      await again.program.stop();
      expect(networkSnapshot(host)).toEqual(before);
    });
  });
});
