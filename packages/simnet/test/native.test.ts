import { describe, expect, it } from 'vitest';
import { forEachSeed, type Internet, type Ipv6Host, internet, supportedNatKinds } from '../src/index.ts';

/** Sends content both ways; returns true if it arrived unchanged. */
function exchange(net: Internet, one: Ipv6Host, other: Ipv6Host): boolean {
  return [one.transfer(other, 30_000), other.transfer(one, 30_000)].every((transfer) => {
    net.until('the transfer is complete', () => transfer.completedAt !== undefined);
    return transfer.isIntact;
  });
}

describe('a client and a native host', () => {
  it.each(supportedNatKinds)('%s through a relay: data both ways, from either side first', (nat) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server() }));
      net.relay();
      const host = net.nativeHost();
      net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
      expect(exchange(net, alice!, host)).toBe(true);
      expect(exchange(net, host, bob!)).toBe(true);
    });
  });

  it('[CL-I-08] two hosts are reached through the two relays nearest to them', () => {
    const net = internet();
    const alice = net.client({ nat: 'port-restricted', server: net.server() });
    const relays = [net.relay(), net.relay()];
    const hosts = relays.map((relay) => net.nativeHost({ relay }));
    net.until('qualified', () => alice.isQualified);
    for (const host of hosts) expect(exchange(net, alice, host)).toBe(true);
    for (const relay of relays) expect(relay.status.counters.packetsDelivered).toBeGreaterThanOrEqual(30);
  });

  it('[SV-C-11] data never crosses a server', () => {
    const net = internet();
    const servers = [net.server(), net.server()];
    const [alice, bob] = servers.map((server) => net.client({ nat: 'port-restricted', server }));
    net.relay();
    const host = net.nativeHost();
    let longest = 0;
    net.public.observers.push(({ payload, destinationAddress }) => {
      const isToServer = servers.some((server) => [server.primary, server.secondary].includes(destinationAddress));
      if (isToServer) longest = Math.max(longest, payload.length);
    });
    net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
    expect(exchange(net, alice!, bob!)).toBe(true);
    expect(exchange(net, alice!, host)).toBe(true);
    expect(longest).toBeLessThan(100);
    for (const { status } of servers) expect(status.counters.datagramsSent).toBeLessThan(20);
  });
});

describe('a client and a host-specific relay', () => {
  const places = [undefined, ...supportedNatKinds];
  const cells = supportedNatKinds.flatMap((nat) => places.map((place) => ({ nat, place, where: place ?? 'no NAT' })));

  it.each(cells)(
    '[HR-08][HR-09][HR-19] client behind $nat, relay behind $where: no other relay is needed',
    ({ nat, place }) => {
      forEachSeed(2, (seed) => {
        const net = internet({ seed });
        const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server() }));
        const host = net.hostRelay({ nat: place });
        net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
        expect(exchange(net, host, alice!)).toBe(true);
        expect(exchange(net, host, bob!)).toBe(true);
        expect(host.errors).toEqual([]);
      });
    },
  );

  it('[HR-13] answers a connectivity test itself, so that the client finds it', () => {
    const net = internet();
    const alice = net.client({ nat: 'port-restricted', server: net.server() });
    const host = net.hostRelay();
    const relay = net.relay();
    net.until('qualified', () => alice.isQualified);
    expect(exchange(net, alice, host)).toBe(true);
    expect(relay.status.counters.datagramsSent).toBe(0);
  });

  it.each(
    supportedNatKinds.flatMap((nat) =>
      (['port-preserving-symmetric', 'sequential-symmetric', 'port-symmetric', 'address-symmetric'] as const).map(
        (place) => ({ nat, place }),
      ),
    ),
  )('[HR-11] client behind $nat, relay behind $place: fails within 8 s, if it does not work', ({ nat, place }) => {
    const net = internet();
    const alice = net.client({ nat, server: net.server() });
    const host = net.hostRelay({ nat: place });
    net.until('qualified', () => alice.isQualified);
    const ping = host.ping(alice);
    net.run(9000);
    expect(ping.answeredAt !== undefined || host.errors.length === 1).toBe(true);
    // Only where every filter is open can a mapping for each destination work.
    if (nat === 'port-restricted' || nat === 'upnp-port-restricted') expect(ping.answeredAt).toBeUndefined();
    for (const { at } of host.errors) expect(at - ping.startedAt).toBeLessThanOrEqual(8000);
  });
});

describe('a client whose relay is gone', () => {
  it('[CL-I-16] reports that native hosts fail and since when, and that they answer again', () => {
    const net = internet();
    const alice = net.client({ nat: 'port-restricted', server: net.server() });
    const bob = net.client({ nat: 'port-restricted', server: net.server() });
    const relay = net.relay();
    const [one, other] = [net.nativeHost(), net.nativeHost()];
    net.until('qualified', () => alice.isQualified && bob.isQualified);
    expect(alice.status.nativeReachability).toBe(undefined);
    alice.ping(one!, 1000);
    net.run(5000);
    expect(alice.status.nativeReachability).toMatchObject({ state: 'working' });
    relay.stop();
    net.run(40_000);
    const stoppedAt = net.now;
    // Peers answer meanwhile, which does not prove that native hosts do.
    const pings = [alice.ping(one!, 1000), alice.ping(other!, 1000)];
    alice.ping(bob, 1000);
    net.run(40_000);
    const { nativeReachability } = alice.status;
    expect(nativeReachability).toEqual({ state: 'failing', since: stoppedAt + 8_000 });
    const told = () => alice.events.filter(({ kind }) => kind.startsWith('native-hosts')).map(({ kind }) => kind);
    expect(told()).toEqual(['native-hosts-fail']);
    relay.restart();
    net.until('an answer', () => pings.some(({ answeredAt }) => answeredAt !== undefined));
    expect(alice.status.nativeReachability?.state).toBe('working');
    expect(told()).toEqual(['native-hosts-fail', 'native-hosts-answer']);
  });
});
