import { type Ipv6Value, parseIpv6 } from '@navalis/address';
import { nextHeaders, writeIpv6Header } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { internet } from '../src/index.ts';

function packet(source: Ipv6Value, destination: Ipv6Value): Uint8Array {
  const bytes = new Uint8Array(60);
  writeIpv6Header(bytes, 0, { payloadLength: 20, nextHeader: nextHeaders.none, hopLimit: 255, source, destination });
  return bytes;
}

const ipv6 = (text: string) => parseIpv6(text)!;

/** A Teredo address whose server and mapped endpoint are these. */
function teredo(server: number, mapped: number, port = 3544): Ipv6Value {
  return { word0: 0x20010000, word1: server, word2: port ^ 0xffff, word3: ~mapped >>> 0 };
}

describe('loops end', () => {
  it('[SEC-08] a destination that embeds a relay: bubbles for one attempt, then nothing', () => {
    const net = internet();
    const [one, other] = [net.relay(), net.relay()];
    const host = net.nativeHost({ relay: one });
    const [a, b] = [one.host.udp.address, other.host.udp.address];
    // Embedded: the relay itself, the other relay, each as the server of the other.
    for (const [server, mapped] of [
      [a, a],
      [b, a],
      [a, b],
      [b, b],
    ] as const) {
      const before = net.traffic.sent;
      host.send(packet(host.address, teredo(server, mapped)));
      net.run(60_000);
      // At most the packet, 4 bursts of 2 bubbles, and the error.
      expect(net.traffic.sent - before).toBeLessThanOrEqual(10);
    }
  });

  it('[SEC-08] a Teredo source and a Teredo destination from the native side go nowhere', () => {
    const net = internet();
    const [one, other] = [net.relay(), net.relay()];
    const host = net.nativeHost({ relay: one });
    const { address: a } = one.host.udp;
    const { address: b } = other.host.udp;
    const before = net.traffic.sent;
    host.send(packet(teredo(a, b), teredo(b, a)), packet(ipv6(`2002:0801:1::1`), teredo(b, b)));
    net.run(60_000);
    expect(net.traffic.sent - before).toBeLessThanOrEqual(12);
    expect(one.status.counters.datagramsSent).toBeLessThanOrEqual(8);
  });

  it('[SEC-09] a client pings its own endpoint under other flags: nothing leaves, hairpin or not', () => {
    const net = internet();
    const nat = net.nat({ kind: 'C', hairpinning: true });
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
    const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat: 'C', server: net.server() }));
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
