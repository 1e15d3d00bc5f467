import { type Ipv4Endpoint, type Ipv6Value, parseIpv4, parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { receiveDatagram, takePacket } from '@navalis/engine/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RelayOptions } from '../src/index.ts';
import { bubble, crafted, nativeHost, packet, type RelayLaboratory, relayLaboratory, teredo } from './laboratory.ts';

const endpoints: readonly Ipv4Endpoint[] = ['198.51.100.50', '198.51.100.60', '198.51.100.70'].map((text) => ({
  address: parseIpv4(text)!,
  port: 3544,
}));

/** A relay and two more on other ports of the same host. */
const ofOneHost: readonly Ipv4Endpoint[] = [3544, 3545, 3546].map((port) => ({
  address: parseIpv4('198.51.100.50')!,
  port,
}));

/**
 * Relays that hear each other, and whose native side leads packets for 2001::/32 back into all of them: the worst routing
 * there can be. Answers how many datagrams and packets moved until all was still.
 */
class Ring {
  readonly relays: readonly RelayLaboratory[];
  moves = 0;
  readonly #endpoints: readonly Ipv4Endpoint[];
  #now = 0;

  constructor(options: Partial<RelayOptions> = {}, places: readonly Ipv4Endpoint[] = endpoints) {
    this.#endpoints = places;
    this.relays = places.map(({ address, port }, index) =>
      relayLaboratory({
        ...options,
        localAddress: localOf(index),
        ownIpv4Addresses: [address],
        servicePort: port,
      }),
    );
  }

  /** The packet enters the tunnel of one relay. */
  route(index: number, bytes: Uint8Array): void {
    takePacket(this.relays[index]!.engine, bytes, this.#now);
    this.#settle();
  }

  arrive(index: number, bytes: Uint8Array, from: Ipv4Endpoint): void {
    receiveDatagram(this.relays[index]!.engine, bytes, from, this.#now);
    this.#settle();
  }

  /** All attempts end within 8 s. */
  pass(ms: number): void {
    this.#now += ms;
    for (const { engine } of this.relays) if (engine.nextDeadline() <= this.#now) engine.handleDeadline(this.#now);
    this.#settle();
  }

  #settle(): void {
    for (let isMoving = true; isMoving && this.moves < 10_000; ) {
      isMoving = false;
      for (const [index, { outputs }] of this.relays.entries()) {
        for (const { payload, address, port } of outputs.takeDatagrams()) {
          isMoving = true;
          this.moves += 1;
          const target = this.#endpoints.findIndex((each) => each.address === address && each.port === port);
          if (target >= 0) receiveDatagram(this.relays[target]!.engine, payload, this.#endpoints[index]!, this.#now);
        }
        for (const bytes of outputs.takePackets()) {
          isMoving = true;
          this.moves += 1;
          for (const { engine } of this.relays) takePacket(engine, bytes, this.#now);
        }
      }
    }
  }
}

function localOf(index: number): Ipv6Value {
  return parseIpv6(`2a00:1::${index + 1}`)!;
}

describe('relays that point at each other', () => {
  it.each([false, true])(
    '[RL-T-18][SEC-08] a client that is another relay costs 8 bubbles and an error (cone bit trusted: %s)',
    (trustsConeBit) => {
      const ring = new Ring({ trustsConeBit });
      const other = crafted('198.51.100.60', '198.51.100.60', 3544);
      ring.route(0, packet(nativeHost, other));
      for (let step = 0; step < 10; step++) ring.pass(2_000);
      expect(ring.moves).toBe(9);
      expect(ring.relays.map(({ engine }) => engine.status().peers)).toEqual([0, 0, 0]);
    },
  );

  it.each([
    ['another', 3544, 1],
    ['its own', 3545, 1],
    ['the third', 3546, 0],
  ])(
    '[SEC-08] a relay of the same host as a client is worth nothing, or the bubbles of one attempt: %s',
    (_, port, from) => {
      const ring = new Ring({}, ofOneHost);
      ring.route(from, packet(nativeHost, crafted('198.51.100.50', '198.51.100.50', port)));
      for (let step = 0; step < 10; step++) ring.pass(2_000);
      expect(ring.moves).toBe(port === 3546 ? 9 : 0);
      expect(ring.relays.map(({ engine }) => engine.status().peers)).toEqual([0, 0, 0]);
    },
  );

  it('[RL-T-18] data for a cone address that is another relay goes one way, once', () => {
    const ring = new Ring({ trustsConeBit: true });
    const other = teredo(endpoints[1]!, 0x8000, endpoints[1]!.address);
    ring.route(0, packet(nativeHost, other));
    for (let step = 0; step < 10; step++) ring.pass(2_000);
    expect(ring.moves).toBe(1);
    expect(ring.relays[1]!.drops()).toEqual({ 'source-not-allowed': 1 });
  });

  it('[RL-T-18][SEC-23] a forged sender cannot make two relays talk on', () => {
    const ring = new Ring();
    const first = teredo(endpoints[0]!, 0, endpoints[0]!.address);
    const second = teredo(endpoints[1]!, 0, endpoints[1]!.address);
    // Each relay wants to reach the "client" that is the other, and a forger with its endpoint answers for it.
    ring.route(0, packet(nativeHost, second));
    ring.route(1, packet(nativeHost, first));
    const before = ring.moves;
    ring.arrive(0, packet(second, nativeHost), endpoints[1]!);
    ring.arrive(1, packet(first, nativeHost), endpoints[0]!);
    ring.arrive(0, packet(second, first), endpoints[1]!);
    // Each waiting packet leaves once and each arriving packet is delivered once; neither causes another packet.
    expect(ring.moves - before).toBe(4);
    for (let step = 0; step < 30; step++) ring.pass(2_000);
    expect(ring.moves - before).toBe(4);
  });

  it.each([
    ['of three hosts', endpoints],
    ['of one host', ofOneHost],
  ])('[SEC-08] whatever is sent between relays %s, it comes to rest', (_, relays) => {
    const places = fc.constantFrom(...relays, { address: parseIpv4('192.0.2.1')!, port: 4096 });
    const addresses = fc.oneof(
      fc
        .tuple(places, places, fc.constantFrom(0, 0x8000))
        .map(([at, server, flags]) => teredo(at, flags, server.address)),
      fc.constantFrom(nativeHost, localOf(0), localOf(1)),
      fc
        .constantFrom('2002:c633:6432::1', '2002:c633:643c::1', '2a00::5efe:c633:6432', 'fe80::1')
        .map((text) => parseIpv6(text)!),
    );
    const steps = fc.record({
      index: fc.nat(2),
      isRouted: fc.boolean(),
      bytes: fc
        .tuple(addresses, addresses, fc.boolean())
        .map(([from, to, isBubble]) => (isBubble ? bubble(from, to) : packet(from, to))),
      from: places,
      waitMs: fc.nat(3_000),
    });
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 12 }), fc.boolean(), (inputs, trustsConeBit) => {
        const ring = new Ring({ trustsConeBit }, relays);
        for (const { index, isRouted, bytes, from, waitMs } of inputs) {
          if (isRouted) ring.route(index, bytes);
          else ring.arrive(index, bytes, from);
          ring.pass(waitMs);
        }
        for (let step = 0; step < 8; step++) ring.pass(2_000);
        // Per input: at most three relays with four bursts of two bubbles, the packet, its delivery and an error.
        expect(ring.moves).toBeLessThanOrEqual(inputs.length * 3 * 11);
        const { moves } = ring;
        ring.pass(60_000);
        expect(ring.moves).toBe(moves);
      }),
      { numRuns: 40 },
    );
  });

  it('[SEC-08] addresses that the node gets later are its own too', () => {
    const relay = relayLaboratory({ servedRanges: [parseIpv6Prefix('2000::/3')!] });
    const late = packet(nativeHost, teredo({ address: parseIpv4('192.0.2.99')!, port: 3544 }));
    expect(relay.send(late)).toHaveLength(2);
    relay.engine.replaceAddresses({ ownIpv4Addresses: [parseIpv4('192.0.2.99')!] });
    expect(relay.send(late, 40_000)).toEqual([]);
    expect(relay.drops()).toEqual({ 'tunnel-loop': 1 });
  });
});
