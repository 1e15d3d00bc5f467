import type { Ipv4Endpoint } from '@navalis/address';
import { noExtensions } from '@navalis/traversal';
import { discoveryTypes, writeAlternateAddressTrailer, writeDiscoveryTrailer, writeNonceTrailer } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, endpoint, joined, withOrigin } from './packets.ts';
import { isTo, mapped, peerAt, policy, type Sent, server, serverEndpoint, World } from './world.ts';

const extensions = { ...noExtensions, hairpinning: true };
/** Behind the same NAT as the client of a world, and one that is not. */
const neighbour = peerAt('192.0.2.1:5096', 0, server.primary);
const outsider = peerAt('198.51.100.10:8192', 0, server.primary);
const home = endpoint('192.168.1.7:5000');

function trailers(nonce: number, ...alternates: readonly Ipv4Endpoint[]): Uint8Array {
  const bytes = new Uint8Array(40);
  let length = nonce === 0 ? 0 : writeNonceTrailer(bytes, 0, nonce);
  if (alternates.length > 0) length += writeAlternateAddressTrailer(bytes, length, alternates);
  return bytes.slice(0, length);
}

/** Hands over an indirect bubble of a peer, and returns where the answers go. */
function ask(world: World, from: typeof neighbour, ...more: readonly Uint8Array[]): string[] {
  world.receive(joined(withOrigin(bubble(from.address, world.address), from.endpoint), ...more), serverEndpoint);
  return world.sent().map((sent) => `${text(sent)}${isTo(sent, serverEndpoint) ? '' : ` ${sent.payload.length}`}`);
}

function text({ address, port }: Ipv4Endpoint): string {
  return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')}:${port}`;
}

/** Returns the last octet of each nonce; undefined for a bubble without one. */
function nonces(sent: readonly Sent[]): (number | undefined)[] {
  return sent.map(({ payload }) => (payload[40] === 1 ? payload[45] : undefined));
}

describe('the alternate endpoints of a peer', () => {
  it('[HP-12][HP-13][HP-16][CL-B-11] behind the own NAT are sent bubbles with its nonce, after the embedded one', () => {
    const world = World.qualified({ extensions });
    const four = [1, 2, 3, 4].map((port) => ({ ...home, port }));
    const asked = joined(
      withOrigin(bubble(neighbour.address, world.address), neighbour.endpoint),
      trailers(7, ...four),
    );
    world.receive(asked, serverEndpoint);
    const sent = world.sent();
    expect(sent.map(text)).toEqual([
      text(neighbour.endpoint),
      ...four.map(text),
      // CL-B-10: the bubble back through the server, which is no amplification of this kind.
      text(serverEndpoint),
    ]);
    expect(nonces(sent).slice(0, 5)).toEqual([7, 7, 7, 7, 7]);
    // One datagram of 86 octets in causes at most 5 of 46 octets and one of 62.
    expect(sent.reduce((sum, { payload }) => sum + payload.length, 0)).toBeLessThanOrEqual(5 * 46 + 62);
  });

  it('[HP-17][SEC-26] behind another NAT are sent nothing', () => {
    const world = World.qualified({ extensions });
    expect(ask(world, outsider, trailers(7, home))).toEqual(['198.51.100.10:8192 46', text(serverEndpoint)]);
  });

  it.each([
    '0.1.2.3:77',
    '127.0.0.1:77',
    '169.254.1.1:77',
    '192.168.1.255:77',
    '10.0.0.2:49152',
    '192.0.2.1:4096',
    '100.64.0.9:49152',
  ])('[HP-17][SEC-26] are sent nothing at %s', (forbidden) => {
    policy.replaceDirectedBroadcasts([endpoint('192.168.1.255:1').address]);
    const world = World.qualified({ extensions });
    world.client.portMapped(endpoint('100.64.0.9:49152'), world.now);
    const answers = ask(world, neighbour, trailers(7, endpoint(forbidden), home));
    policy.replaceDirectedBroadcasts([]);
    expect(answers).toEqual(['192.0.2.1:5096 46', '192.168.1.7:5000 46', text(serverEndpoint)]);
  });

  it.each([
    ['a length of 9', '0309 0000 c0a801071388 00'],
    ['five entries', `0320 0000 ${'c0a801071388'.repeat(5)}`],
    ['port 0', '0308 0000 c0a801070000'],
    ['multicast', '0308 0000 e00000011388'],
    ['a reserved address', '0308 0000 f00000011388'],
    ['broadcast', '0308 0000 ffffffff1388'],
  ])('[HP-10][SEC-26] with %s: the bubble is dropped, and nobody is sent anything', (_what, hexadecimal) => {
    const bytes = Uint8Array.from(hexadecimal.replaceAll(' ', '').match(/../g)!, (pair) => Number.parseInt(pair, 16));
    const world = World.qualified({ extensions });
    expect(ask(world, neighbour, trailers(7), bytes)).toEqual([]);
    expect([world.dropsFor('invalid-alternate-address'), world.client.status().peers]).toEqual([1, 0]);
    const off = World.qualified({ extensions: { ...extensions, hairpinning: false } });
    expect(ask(off, neighbour, trailers(7), bytes)).toEqual(['192.0.2.1:5096 40', '203.0.113.120:3544']);
  });

  it('[HP-11] are replaced by the next list', () => {
    const world = World.qualified({ extensions });
    ask(world, neighbour, trailers(7, home, { ...home, port: 2 }));
    expect(ask(world, neighbour, trailers(8, { ...home, port: 3 }))).toEqual(['192.0.2.1:5096 46', '192.168.1.7:3 46']);
  });

  it('[HP-09][HP-08] in a direct bubble, and in one that any server passed on, are ignored', () => {
    const world = World.qualified({ extensions });
    const direct = joined(bubble(neighbour.address, world.address), trailers(7, home));
    world.receive(direct, neighbour.endpoint);
    expect(world.sent()).toEqual([]);
    world.receive(direct, endpoint('198.51.100.77:3544'));
    expect(world.sent().map(text)).toEqual(['192.0.2.1:5096']);
    expect(ask(world, neighbour, trailers(7))).toEqual(['192.0.2.1:5096 46']);
  });
});

describe('a bubble from an endpoint behind the own NAT', () => {
  function probing(): { readonly world: World; readonly nonce: Uint8Array } {
    const world = World.qualified({ extensions });
    for (const { address } of [neighbour, outsider]) world.host(dataPacket(world.address, address));
    const burst = world.sent();
    expect(burst.map(({ payload }) => payload.length)).toEqual([40, 56, 40, 56]);
    return { world, nonce: burst[1]!.payload.slice(40, 46) };
  }

  it('[HP-14][HP-18][CL-T-11] with the nonce: data goes there', () => {
    const { world, nonce } = probing();
    world.receive(joined(bubble(neighbour.address, world.address), nonce), home);
    world.host(dataPacket(world.address, neighbour.address, 2));
    expect(world.sent().map((sent) => [text(sent), sent.payload.length])).toEqual([['192.168.1.7:5000', 60]]);
    // The waiting packet follows the bubble with the peer's nonce, without which it would be dropped.
    expect(ask(world, neighbour, trailers(7))).toEqual(['192.168.1.7:5000 46', '192.168.1.7:5000 60']);
    world.receive(dataPacket(neighbour.address, world.address), home);
    expect(world.delivered().length).toBe(1);
  });

  it('[HP-14][HP-18] with the nonce, but without a word through the server: what waits leaves after 2 s', () => {
    const { world, nonce } = probing();
    world.receive(joined(bubble(neighbour.address, world.address), nonce), home);
    world.pass(1999);
    expect(world.sent()).toEqual([]);
    world.pass(1);
    expect(world.sent().map((sent) => [text(sent), sent.payload.length])).toContainEqual(['192.168.1.7:5000', 60]);
  });

  it('[HP-14][HP-18] without it, from a forbidden endpoint, or of a peer behind another NAT: dropped', () => {
    const { world, nonce } = probing();
    const plain = bubble(neighbour.address, world.address);
    world.receive(plain, home);
    world.receive(dataPacket(neighbour.address, world.address), home);
    expect(world.dropsFor('endpoint-mismatch')).toBe(2);
    world.receive(joined(plain, nonce), endpoint('127.0.0.1:5000'));
    world.receive(joined(plain, nonce), endpoint('10.0.0.2:49152'));
    world.receive(joined(bubble(outsider.address, world.address), nonce), home);
    expect([world.dropsFor('bubble-nonce-mismatch'), world.sent(), world.delivered()]).toEqual([3, [], []]);
  });

  it('[SLR-06][HP-18] that solicits is answered there, and only while that is the trusted endpoint', () => {
    const world = World.qualified({ extensions: { ...extensions, serverLoadReduction: true } });
    world.host(dataPacket(world.address, neighbour.address));
    const nonce = world.sent()[1]!.payload.slice(40, 46);
    const bytes = new Uint8Array(6);
    writeDiscoveryTrailer(bytes, 0, discoveryTypes.solicitation);
    const solicitation = joined(bubble(neighbour.address, world.address), nonce, bytes);
    world.receive(joined(solicitation.slice(0, 40), bytes), home);
    expect(world.sent()).toEqual([]);
    world.receive(solicitation, home);
    expect(world.sent().map((sent) => [text(sent), sent.payload.length])).toEqual([['192.168.1.7:5000', 46]]);
  });
});

/** A client behind a NAT of its own, which is behind the NAT of `mapped`, and whose router forwards a port. */
class Inner {
  readonly world: World;
  readonly local: Ipv4Endpoint;
  readonly forwarded: Ipv4Endpoint;
  readonly mapped: Ipv4Endpoint;

  constructor(local: string, forwarded: string, seen: string, seed: number) {
    this.local = endpoint(local);
    this.forwarded = endpoint(forwarded);
    this.mapped = endpoint(seen);
    this.world = new World({ extensions, local: this.local }, seed);
    this.world.mappingTowards = () => this.mapped;
    this.world.client.portMapped(this.forwarded, 0);
    this.world.start();
  }
}

/** Two such clients; the outer NAT does not hairpin. Bubbles are told as in RFC 6081 6.5. */
class Nested {
  readonly a: Inner = new Inner('10.0.0.2:5000', '100.64.0.2:5000', '192.0.2.1:4096', 1);
  readonly b: Inner = new Inner('10.0.1.2:5001', '100.64.0.3:5001', '192.0.2.1:4097', 2);
  readonly seen: string[] = [];
  /** Whether the local endpoints of both are on one link. */
  readonly isOneLink: boolean;

  constructor(isOneLink: boolean) {
    this.isOneLink = isOneLink;
  }

  send(from: Inner, to: Inner): void {
    from.world.host(dataPacket(from.world.address, to.world.address));
    for (let moved = 1; moved > 0; ) {
      moved = 0;
      for (const [sender, receiver] of [
        [this.a, this.b],
        [this.b, this.a],
      ] as const) {
        for (const sent of sender.world.sent()) {
          moved++;
          this.#carry(sender, receiver, sent);
        }
      }
    }
  }

  #carry(sender: Inner, receiver: Inner, sent: Sent): void {
    const name = sender === this.a ? 'A' : 'B';
    const isBubble = sent.payload[6] === 59;
    const places = { server: serverEndpoint, ...receiver };
    const place = (['server', 'local', 'forwarded', 'mapped'] as const).find((each) => isTo(sent, places[each]))!;
    if (isBubble) this.seen.push(`${name} to ${place}`);
    if (place === 'server') receiver.world.receive(withOrigin(sent.payload, sender.mapped), serverEndpoint);
    if (place === 'forwarded') receiver.world.receive(sent.payload, sender.forwarded);
    if (place === 'local' && this.isOneLink) receiver.world.receive(sent.payload, sender.local);
  }
}

describe('two clients behind an outer NAT that does not hairpin', () => {
  it('[HP-02][HP-03][HP-05][HP-12][HP-15][HP-19] behind inner ones that forward: the example of RFC 6081 6.5', () => {
    const nested = new Nested(false);
    nested.send(nested.a, nested.b);
    expect(nested.seen).toEqual([
      'A to mapped',
      'A to server',
      'B to mapped',
      'B to local',
      'B to forwarded',
      'B to server',
      'A to forwarded',
    ]);
    nested.send(nested.b, nested.a);
    expect([nested.a, nested.b].map(({ world }) => world.delivered().length)).toEqual([1, 1]);
    expect(nested.seen.length).toBe(7);
  });

  it('[HP-19] on one link: they meet at their local endpoints', () => {
    const nested = new Nested(true);
    nested.send(nested.a, nested.b);
    nested.send(nested.b, nested.a);
    expect([nested.a, nested.b].map(({ world }) => world.delivered().length)).toEqual([1, 1]);
    expect(nested.seen).toContain('B to local');
  });

  it('[HP-01][HP-19] without the extension: not', () => {
    const off = World.qualified({ extensions: noExtensions });
    off.host(dataPacket(off.address, neighbour.address));
    expect(off.sent().map(({ payload }) => payload.length)).toEqual([40, 40]);
  });
});

describe('the own endpoints', () => {
  /** Returns the alternate endpoints that the client tells a new peer. */
  function told(world: World, number: number): string[] {
    const other = peerAt(`192.0.2.1:${6000 + number}`, 0, server.primary);
    world.host(dataPacket(world.address, other.address));
    const { payload } = world.sent()[1]!;
    expect([payload[46], payload[47]]).toEqual([3, payload.length - 48]);
    return Array.from({ length: (payload.length - 50) / 6 }, (_, index) => {
      const view = new DataView(payload.buffer, payload.byteOffset + 50 + 6 * index);
      return text({ address: view.getUint32(0), port: view.getUint16(4) });
    });
  }

  it('[HP-05][HP-03][UPNP-11] are the local one, and a forwarded one that is not the one that the server sees', () => {
    const world = World.qualified({ extensions });
    expect(told(world, 1)).toEqual(['10.0.0.2:49152']);
    world.client.portMapped(endpoint('100.64.0.9:49152'), world.now);
    expect(told(world, 2)).toEqual(['10.0.0.2:49152', '100.64.0.9:49152']);
    world.client.portMapped(mapped, world.now);
    expect(told(world, 3)).toEqual(['10.0.0.2:49152']);
    world.client.portMapped(undefined, world.now);
    expect(told(world, 4)).toEqual(['10.0.0.2:49152']);
  });

  it('[HP-05] follow the host to another address', () => {
    const world = World.qualified({ extensions });
    world.client.networkChanged(world.now, endpoint('172.16.0.7:1').address);
    expect(told(world, 1)).toEqual(['172.16.0.7:49152']);
  });

  it('[HP-07] are left out where the local address is not known', () => {
    const world = World.qualified({ extensions, local: { address: 0, port: 49152 } });
    world.host(dataPacket(world.address, neighbour.address));
    expect(world.sent().map(({ payload }) => payload.length)).toEqual([40, 40]);
  });
});

describe('a client whose router forwards its port', () => {
  const symmetric = (address: number) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
  const foreign = endpoint('198.51.100.10:9999');

  /** Returns where data goes for a peer whose bubble brought the nonce back from elsewhere. */
  function target({ isSymmetric, forwarded, from }: { isSymmetric: boolean; forwarded?: string; from: Ipv4Endpoint }) {
    const world = new World({ extensions: { ...noExtensions, symmetricNatSupport: true } });
    if (isSymmetric) world.mappingTowards = symmetric;
    world.client.portMapped(forwarded === undefined ? undefined : endpoint(forwarded), 0);
    world.start();
    world.host(dataPacket(world.address, outsider.address));
    const nonce = world.sent()[1]!.payload.slice(40);
    world.receive(joined(bubble(outsider.address, world.address), nonce), from);
    world.receive(dataPacket(outsider.address, world.address), from);
    expect([world.delivered().length, world.totalDrops()]).toEqual([1, 0]);
    world.host(dataPacket(world.address, outsider.address));
    return [...new Set(world.sent().map(text))];
  }

  it.each([
    { isSymmetric: true, forwarded: '192.0.2.1:4096', from: foreign, to: '198.51.100.10:8192' },
    { isSymmetric: false, forwarded: '192.0.2.1:4096', from: foreign, to: '198.51.100.10:9999' },
    { isSymmetric: true, forwarded: undefined, from: foreign, to: '198.51.100.10:9999' },
    { isSymmetric: true, forwarded: '100.64.0.9:4096', from: foreign, to: '198.51.100.10:9999' },
    { isSymmetric: true, forwarded: '192.0.2.1:4096', from: outsider.endpoint, to: '198.51.100.10:8192' },
  ])(
    '[UPNP-02][UPNP-10][UPNP-11][UPNP-13][UPNP-14][CL-N-07] symmetric $isSymmetric, forwarded $forwarded: $to',
    ({ to, forwarded, ...rest }) => {
      expect(target({ ...rest, ...(forwarded !== undefined && { forwarded }) })).toEqual([to]);
    },
  );
});
