import { embeddedAddress, embeddedPort, isTeredo, isWellFormedTeredo, readIpv6 } from '@navalis/address';
import { allExtensions, noExtensions } from '@navalis/traversal';
import { DatagramLayout, isBubble, readDatagram } from '@navalis/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bubble,
  dataPacket,
  destinationOf,
  echoReplyTo,
  echoRequest,
  endpoint,
  ipv6,
  isEchoRequestPacket,
  joined,
  sourceOf,
  sourceRoutedPacket,
  withAuthentication,
  withOrigin,
} from './packets.ts';
import { native, peer, peerAt, policy, relay, server, serverEndpoint, World } from './world.ts';

const endpoints = [
  serverEndpoint,
  { address: server.secondary, port: 3544 },
  peer.endpoint,
  relay,
  endpoint('10.1.1.1:7'),
];

/** A step of a story: a datagram that arrives, a packet of the host, or time. */
type Step =
  | {
      readonly kind: 'receive';
      readonly shape: number;
      readonly from: number;
      readonly wrap: number;
      readonly cuts: number[];
    }
  | { readonly kind: 'host'; readonly shape: number; readonly cuts: number[] }
  | { readonly kind: 'pass'; readonly ms: number };

const cuts = fc.array(fc.nat({ max: 2000 }), { maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('receive' as const),
    shape: fc.nat({ max: 12 }),
    from: fc.nat({ max: endpoints.length - 1 }),
    wrap: fc.nat({ max: 7 }),
    cuts,
  }),
  fc.record({ kind: fc.constant('host' as const), shape: fc.nat({ max: 12 }), cuts }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 12_000 }) }),
);

function packetOf(world: World, shape: number): Uint8Array {
  const own = world.client.status().address ?? ipv6('2001:0:cb00:7178::1');
  const privatePeer = { ...peer.address, word3: ~0x0a010101 >>> 0 };
  switch (shape) {
    case 0:
      return bubble(peer.address, own);
    case 1:
      return dataPacket(peer.address, own);
    case 2:
      return dataPacket(native, own);
    case 3:
      return bubble(ipv6('fe80::77'), own, 0);
    case 4:
      return dataPacket(privatePeer, own);
    case 5:
      return echoReplyTo(echoRequest(own, native, new Uint8Array(16)));
    case 6:
      return sourceRoutedPacket(peer.address, own);
    case 7:
      return dataPacket(own, peer.address);
    case 8:
      return dataPacket(own, native);
    case 9:
      return dataPacket(own, peerAt('198.51.100.99:99').address, 3, 1280);
    case 10:
      return dataPacket(ipv6('fd00::1'), own);
    case 11:
      return dataPacket(own, own);
    default:
      return echoRequest(peer.address, own, new Uint8Array(30));
  }
}

/** Bits flipped at places, and one place in eight a cut. */
function mutated(bytes: Uint8Array, at: readonly number[]): Uint8Array {
  let result = bytes.slice();
  for (const place of at) {
    if (place % 8 === 7) result = result.slice(0, place % (result.length + 1));
    else if (result.length > 0) result[place % result.length]! ^= 1 << (place % 8);
  }
  return result;
}

function wrapped(packet: Uint8Array, wrap: number): Uint8Array {
  switch (wrap) {
    case 0:
      return withOrigin(packet, peer.endpoint);
    case 1:
      return withOrigin(packet, relay);
    case 2:
      return withAuthentication(packet);
    case 3:
      return joined(packet, [1, 4, 0, 0, 0, 1]);
    case 4:
      return joined(packet, [0x44, 0]);
    case 5:
      return joined(withOrigin(packet, peer.endpoint), [1, 4, 0, 0, 0, 1, 3, 8, 0, 0, 10, 1, 1, 1, 0, 7]);
    case 6:
      return joined(packet, [4, 4, 0, 0, 0, 0]);
    default:
      return packet;
  }
}

/** Returns true if RFC 4380 5.2.3 lets a packet from this source reach the host; an independent implementation. */
function mayReachHost(packet: Uint8Array, datagram: Uint8Array, from: { address: number; port: number }): boolean {
  const layout = new DatagramLayout();
  if (readDatagram(datagram, 0, datagram.length, layout) !== undefined) return false;
  if (isBubble(packet, 0)) return false;
  const source = sourceOf(packet);
  if (!isTeredo(source)) return source.word0 >>> 29 === 1;
  const seen = layout.originOffset >= 0 ? { address: layout.originAddress, port: layout.originPort } : from;
  return (
    isWellFormedTeredo(source, policy) && embeddedAddress(source) === seen.address && embeddedPort(source) === seen.port
  );
}

describe('whatever happens', () => {
  it.each([
    { name: 'no', extensions: noExtensions },
    { name: 'all', extensions: allExtensions },
  ])(
    '[WF-29][CL-R-01][CL-R-19][CL-R-27][SEC-05a][SEC-21][SEC-23] the client stays within its bounds and delivers only what passed, with $name extensions',
    ({ extensions }) => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.integer(), (steps, seed) => {
          const world = World.qualified({ extensions }, seed);
          for (const each of steps) run(world, each);
        }),
        { numRuns: 400 },
      );
      // A property proves nothing about a case that never occurs.
      for (const [what, count] of Object.entries(judged)) expect(count, what).toBeGreaterThan(0);
    },
  );

  it('[WF-29] random octets do nothing but count', () => {
    const world = World.qualified();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...endpoints), (bytes, from) => {
        const before = world.totalDrops();
        world.receive(bytes, from);
        world.host(bytes);
        expect(world.totalDrops()).toBe(before + 2);
        expect([world.sent(), world.delivered()]).toEqual([[], []]);
      }),
      { numRuns: 2000 },
    );
    expect(world.client.status().state).toBe('qualified');
  });
});

/** How much of each kind the properties have judged. */
const judged = { sent: 0, echoRequests: 0, delivered: 0, loopbacks: 0, errorsToHost: 0, errorsLater: 0 };

function run(world: World, each: Step): void {
  switch (each.kind) {
    case 'pass':
      world.pass(each.ms);
      expectOnlyErrors(world);
      break;
    case 'host': {
      world.host(mutated(packetOf(world, each.shape), each.cuts));
      const own = world.client.status().address;
      for (const packet of world.delivered()) {
        const isLoopback =
          own !== undefined && destinationOf(packet).word3 === own.word3 && sourceOf(packet).word3 === own.word3;
        expect(isLoopback || isError(packet)).toBe(true);
        if (isLoopback) judged.loopbacks += 1;
        else judged.errorsToHost += 1;
      }
      break;
    }
    case 'receive': {
      const datagram = mutated(wrapped(packetOf(world, each.shape), each.wrap), each.cuts);
      const from = endpoints[each.from]!;
      world.receive(datagram, from);
      const delivered = world.delivered();
      expect(delivered.length).toBeLessThanOrEqual(1);
      for (const packet of delivered) {
        expect(mayReachHost(packet, datagram, from)).toBe(true);
        expect(readIpv6(packet, 24)).toEqual(world.client.status().address);
        judged.delivered += 1;
      }
      break;
    }
  }
  const status = world.client.status();
  expect(status.peers).toBeLessThanOrEqual(1024);
  expect(status.state).toBe('qualified');
  for (const sent of world.sent()) {
    expect(policy.isGlobalUnicast(sent.address)).toBe(true);
    expect(sent.port).not.toBe(0);
    judged.sent += 1;
    if (!isEchoRequestPacket(sent.payload)) continue;
    judged.echoRequests += 1;
    expect(sent.payload.length).toBeLessThanOrEqual(1280);
  }
}

function isError(packet: Uint8Array): boolean {
  return packet[6] === 58 && packet[40]! < 128;
}

function expectOnlyErrors(world: World): void {
  for (const packet of world.delivered()) {
    expect(isError(packet)).toBe(true);
    judged.errorsLater += 1;
  }
}
