import { allExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import {
  addressRestricted,
  addressSymmetric,
  cone,
  Exchange,
  forwardingSymmetric,
  portPreserving,
  portRestricted,
  portSymmetric,
  type SiteNat,
} from './exchange.ts';
import { bubble, dataPacket, echoReplyTo, endpoint, joined } from './packets.ts';
import { isTo, mapped, native, peer, relay, server, World } from './world.ts';

const pairs: readonly { readonly name: string; readonly a: SiteNat; readonly b: SiteNat }[] = [
  { name: 'port-restricted to port-restricted', a: portRestricted, b: portRestricted },
  { name: 'address-restricted to port-symmetric', a: addressRestricted, b: portSymmetric },
  { name: 'port-symmetric to address-restricted', a: portSymmetric, b: addressRestricted },
  { name: 'port-symmetric to cone', a: portSymmetric, b: cone },
  { name: 'address-symmetric to cone', a: addressSymmetric, b: cone },
  { name: 'cone to address-symmetric', a: cone, b: addressSymmetric },
  { name: 'port-restricted to port-preserving', a: portRestricted, b: portPreserving },
  { name: 'port-preserving to port-restricted', a: portPreserving, b: portRestricted },
  { name: 'port-preserving to port-preserving', a: portPreserving, b: portPreserving },
  { name: 'symmetric and forwarding to cone', a: forwardingSymmetric, b: cone },
  { name: 'symmetric and forwarding to address-restricted', a: forwardingSymmetric, b: addressRestricted },
  { name: 'symmetric and forwarding, both', a: forwardingSymmetric, b: forwardingSymmetric },
];

/** Returns when a packet a second first arrived at both ends, in ms; undefined if that takes longer than 8 s. */
function contactMs(a: SiteNat, b: SiteNat, lost: readonly number[]): number | undefined {
  const exchange = new Exchange(a, b);
  let sent = 0;
  exchange.loses = () => lost.includes(sent++);
  let [isFirst, isSecond] = [false, false];
  for (let ms = 0; ms <= 8_000; ms += 500) {
    if (ms % 1000 === 0) exchange.send(exchange.a, exchange.b);
    // The host answers what it gets.
    if (exchange.received(exchange.b).includes(1)) {
      isFirst = true;
      exchange.send(exchange.b, exchange.a, 2);
    }
    isSecond ||= exchange.received(exchange.a).includes(2);
    if (isFirst && isSecond) return ms;
    exchange.pass(500);
  }
  return undefined;
}

describe('two clients that lose bubbles', () => {
  it.each(pairs)(
    '[SNS-12][SNS-18][XC-14] $name: whichever two of the first datagrams are lost, packets arrive within 8 s',
    ({ a, b }) => {
      const slow: unknown[] = [];
      for (let first = 0; first < 7; first++) {
        for (let second = first; second < 7; second++) {
          const ms = contactMs(a, b, [first, second]);
          if (ms === undefined || ms > 8_000) slow.push([first, second, ms]);
        }
      }
      expect(slow).toEqual([]);
    },
  );
});

describe('a client that hears a peer', () => {
  it('[SNS-20] asks for an advertisement while the nonce that it sent may be lost, three times, and is quiet after that', () => {
    const exchange = new Exchange(portPreserving, portRestricted);
    const { a, b } = exchange;
    let hears = false;
    exchange.loses = (from, sent) => {
      hears ||= from === b && a.client.status().counters.bubblesReceived > 1;
      return from === a && sent.port !== 3544;
    };
    exchange.send(a, b);
    exchange.pass(60_000);
    const trace = exchange.bubbles();
    const asked = trace.filter((each) => each.startsWith('A random direct') && each.includes('solicitation'));
    expect([hears, asked.length]).toEqual([true, 3]);
    exchange.loses = () => false;
    exchange.pass(60_000);
    expect(exchange.bubbles().filter((each) => each.includes('solicitation'))).toEqual([]);
  });

  it('[SNS-20] behind a symmetric NAT does not make packets for a native host wait', () => {
    const world = new World({ extensions: allExtensions });
    world.mappingTowards = (address) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
    world.start();
    world.host(dataPacket(world.address, native));
    const [test] = world.sent();
    world.receive(echoReplyTo(test!.payload), relay);
    expect(world.sent().map((sent) => isTo(sent, relay))).toEqual([true]);
  });

  it('[SNS-21] at two endpoints accepts data from both, and sends where the last came from', () => {
    const world = World.qualified({ extensions: allExtensions });
    const [first, second] = ['198.51.100.10:9999', '198.51.100.10:9998'].map(endpoint);
    world.host(dataPacket(world.address, peer.address));
    const nonce = world.sent()[1]!.payload.slice(40, 46);
    const data = dataPacket(peer.address, world.address);
    for (const from of [first!, second!]) world.receive(joined(bubble(peer.address, world.address), nonce), from);
    world.sent();
    for (const from of [first!, second!, first!]) {
      world.receive(data, from);
      world.host(dataPacket(world.address, peer.address));
      expect([world.delivered(), world.sent().map((sent) => isTo(sent, from))]).toEqual([[data], [true]]);
    }
    world.receive(data, endpoint('198.51.100.10:9997'));
    expect([world.delivered(), world.dropsFor('endpoint-mismatch')]).toEqual([[], 1]);
  });
});

describe('a client whose invitations get lost', () => {
  it('[SNS-18][CL-B-08] invites again while the attempt of the peer may last, and not before 300 s after that', () => {
    const world = World.qualified({ extensions: allExtensions });
    const stranger = endpoint('198.51.100.99:9999');
    const invitedAt: number[] = [];
    const start = world.now;
    for (let second = 0; second <= 600; second++) {
      world.receive(bubble(peer.address, world.address), stranger);
      for (const sent of world.sent()) if (isTo(sent, peer.server)) invitedAt.push((sent.at - start) / 1000);
      world.pass(1000);
    }
    expect(invitedAt).toEqual([0, 2, 4, 6, 300, 302, 304, 306, 600]);
  });

  it('[SNS-18][CL-B-07][CL-B-08] sends another nonce to a peer that brings an old one, within the limits', () => {
    const world = World.qualified({ extensions: allExtensions });
    const stranger = endpoint('198.51.100.99:9999');
    const plain = bubble(peer.address, world.address);
    const old = joined(plain, Uint8Array.of(1, 4, 1, 2, 3, 4));
    const invitations = (datagram: Uint8Array) => {
      world.receive(datagram, stranger);
      return world.sent().filter((sent) => isTo(sent, peer.server)).length;
    };
    expect(invitations(plain)).toBe(1);
    world.pass(12_000);
    expect([invitations(plain), invitations(old), invitations(old)]).toEqual([0, 1, 0]);
    world.pass(2_000);
    expect(invitations(old)).toBe(1);
    world.pass(2_000);
    expect(invitations(old)).toBe(1);
    world.pass(2_000);
    expect(invitations(old)).toBe(0);
  });

  it('[CL-B-14] is not the sign of a NAT that must rest where a peer tells a random port', () => {
    const exchange = new Exchange(portRestricted, portPreserving);
    exchange.loses = (from, sent) => from === exchange.b && sent.port !== 3544;
    exchange.send(exchange.a, exchange.b);
    exchange.pass(8000);
    const bursts = exchange.bubbles().filter((each) => each.startsWith('A indirect'));
    expect(bursts.length).toBeGreaterThanOrEqual(3);
  });
});
