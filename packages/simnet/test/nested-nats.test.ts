import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { type ClientNode, forEachSeed, type Internet, internet, supportedNatKinds } from '../src/index.ts';

/** Lets both qualify; returns when a packet a second is answered, in ms, or that an error came first. */
function contactMs(net: Internet, from: ClientNode, to: ClientNode): number | 'failed' {
  net.until('both have an address', () => from.isQualified && to.isQualified, 30_000);
  const [ping, errors] = [from.ping(to, 1000), from.errors.length];
  net.until('an answer or an error', () => ping.answeredAt !== undefined || from.errors.length > errors, 9_000);
  return ping.answeredAt === undefined ? 'failed' : ping.answeredAt - ping.startedAt;
}

/** Returns true if content arrives unchanged both ways. */
function exchanges(net: Internet, alice: ClientNode, bob: ClientNode): boolean {
  return [
    [alice, bob],
    [bob, alice],
  ].every(([from, to]) => {
    const transfer = from!.transfer(to!, 20_000);
    net.until('the transfer is complete', () => transfer.completedAt !== undefined, 10_000);
    return transfer.isIntact;
  });
}

const carrierNetwork = '100.64.0.2';
const homeNetworks = ['192.168.7.2', '10.0.0.2'];

/** Two clients in homes behind one NAT of a carrier, whose networks have these first addresses. */
function neighbours(net: Internet, home: 'port-restricted' | 'upnp-port-restricted', options: object): ClientNode[] {
  const carrier = net.nat({ kind: 'port-restricted', insideAddress: carrierNetwork, ...options });
  return homeNetworks.map((insideAddress) =>
    net.client({
      nat: { kind: home, behind: carrier, insideAddress },
      server: net.server(),
      portMapping: home === 'upnp-port-restricted',
    }),
  );
}

describe('two clients in one home behind the NAT of a carrier', () => {
  it.each(supportedNatKinds)(
    '[HP-19] a home NAT of kind %s, nothing hairpins: connected at their local addresses within 1 s',
    (kind) => {
      forEachSeed(4, (seed) => {
        const net = internet({ seed });
        const carrier = net.nat({ kind: 'port-restricted', insideAddress: carrierNetwork });
        const nat = net.nat({ kind, behind: carrier });
        const [alice, bob] = [net.client({ nat, server: net.server() }), net.client({ nat, server: net.server() })];
        expect(contactMs(net, alice, bob)).toBeLessThan(1000);
        let outside = 0;
        carrier.inside.observers.push(({ payload }) => {
          if (payload.length > 500) outside++;
        });
        expect([exchanges(net, alice, bob), outside]).toEqual([true, 0]);
      });
    },
  );
});

describe('two homes behind the NAT of a carrier', () => {
  it('that hairpins: connected as by RFC 4380', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = neighbours(net, 'port-restricted', { hairpinning: true });
      expect(contactMs(net, alice!, bob!)).toBeLessThan(1000);
      expect(exchanges(net, alice!, bob!)).toBe(true);
    });
  });

  it('[HP-19][HP-05][HP-12] that does not hairpin, with UPnP at home: connected at the endpoints that the homes forward', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = neighbours(net, 'upnp-port-restricted', {});
      expect(contactMs(net, alice!, bob!)).toBeLessThan(1000);
      expect(exchanges(net, alice!, bob!)).toBe(true);
    });
  });

  it('[HP-19][XC-14] that does not hairpin, without UPnP: the host gets an error within 8 s', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = neighbours(net, 'port-restricted', {});
      expect(contactMs(net, alice!, bob!)).toBe('failed');
      expect(alice!.errors[0]!.type).toBe(1);
    });
  });

  it('[HP-01] with UPnP at home, but without the extension: the host gets an error within 8 s', () => {
    const net = internet();
    const carrier = net.nat({ kind: 'port-restricted', insideAddress: carrierNetwork });
    const [alice, bob] = homeNetworks.map((insideAddress) =>
      net.client({
        nat: { kind: 'upnp-port-restricted', behind: carrier, insideAddress },
        server: net.server(),
        portMapping: true,
        options: { extensions: noExtensions },
      }),
    );
    expect(contactMs(net, alice!, bob!)).toBe('failed');
  });

  it('[HP-17][HP-19] whose networks have the same addresses: connected, although the own local address is the one that the peer tells', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const carrier = net.nat({ kind: 'port-restricted', insideAddress: carrierNetwork });
      const home = () => net.nat({ kind: 'upnp-port-restricted', behind: carrier });
      const client = () => net.client({ nat: home(), server: net.server(), portMapping: true });
      const [alice, bob] = [client(), client()];
      expect(alice.host.udp.address).toBe(bob.host.udp.address);
      expect(contactMs(net, alice, bob)).toBeLessThan(1000);
      expect(exchanges(net, alice, bob)).toBe(true);
    });
  });
});
