import type { Ipv6Value } from '@navalis/address';
import { nextHeaders, writeIpv6Header } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { internet } from '../src/index.ts';

function packet(source: Ipv6Value, destination: Ipv6Value): Uint8Array {
  const bytes = new Uint8Array(60);
  writeIpv6Header(bytes, 0, { payloadLength: 20, nextHeader: nextHeaders.none, hopLimit: 255, source, destination });
  return bytes;
}

/** A Teredo address with this server and mapped endpoint. */
function teredo(server: number, mapped: number, port = 3544): Ipv6Value {
  return { word0: 0x20010000, word1: server, word2: port ^ 0xffff, word3: ~mapped >>> 0 };
}

describe('loops end', () => {
  it('[SEC-08] packets that would lead back into the relay are dropped', () => {
    const net = internet();
    const relay = net.relay();
    const host = net.nativeHost();
    const own = relay.host.udp.address;
    const somebody = net.udpHost().address;
    const sixToFour = { word0: 0x20020000 | (own >>> 16), word1: (own << 16) >>> 0, word2: 0, word3: 1 };
    const before = net.traffic.sent;
    host.send(packet(host.address, teredo(somebody, own)));
    host.send(packet(teredo(somebody, somebody), teredo(somebody, somebody)));
    host.send(packet(sixToFour, teredo(somebody, somebody)));
    net.run(60_000);
    expect(net.traffic.sent - before).toBe(3);
    expect(relay.status.counters).toMatchObject({ datagramsSent: 0, drops: { 'tunnel-loop': 3 } });
  });

  it('two relays that are made to take each other for a client exchange the bubbles of one attempt', () => {
    const net = internet();
    const [one, other] = [net.relay(), net.relay()];
    const host = net.nativeHost({ relay: one });
    const [a, b] = [one.host.udp.address, other.host.udp.address];
    for (const server of [a, b]) {
      const before = net.traffic.sent;
      host.send(packet(host.address, teredo(server, b)));
      net.run(60_000);
      // At most the packet, 4 bursts of 2 bubbles, and the error.
      expect(net.traffic.sent - before).toBeLessThanOrEqual(10);
    }
  });

  it('[SEC-09] a client pings its own endpoint under other flags: nothing leaves', () => {
    const net = internet();
    const nat = net.nat({ kind: 'cone', hairpinning: true });
    const alice = net.client({ nat, server: net.server() });
    net.until('qualified', () => alice.isQualified);
    const { address } = alice;
    const sibling = { ...address!, word2: (address!.word2 ^ 0x01000000) >>> 0 };
    const before = net.traffic.sent;
    alice.send(packet(address!, sibling));
    net.run(8000);
    expect(net.traffic.sent - before).toBe(0);
  });

  it('[RL-R-07] a client cannot reach another one over a relay', () => {
    const net = internet();
    const relay = net.relay();
    const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat: 'cone', server: net.server() }));
    net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
    const ping = net.nativeHost().ping(alice!);
    net.until('the relay knows Alice', () => ping.answeredAt !== undefined);
    const before = net.traffic.sent;
    alice!.host.service.send(packet(alice!.address!, bob!.address!), { address: relay.host.udp.address, port: 3544 });
    net.run(5000);
    expect(relay.status.counters.drops['destination-not-served']).toBe(1);
    // Into the NAT and out of it, and no further.
    expect(net.traffic.sent - before).toBe(2);
  });
});
