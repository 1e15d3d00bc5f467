import type { Ipv4Endpoint } from '@navalis/address';
import type { EngineOutputs } from '@navalis/engine';
import { RecordingOutputs, seededRandom } from '@navalis/engine/testing';
import { allExtensions, noExtensions } from '@navalis/traversal';
import { writeNonceTrailer, writeRandomPortTrailer } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { type ClientOptions, createRelayedClientEngine } from '../src/index.ts';
import { bubble, dataPacket, endpoint, joined, withAuthentication, withOrigin } from './packets.ts';
import { isTo, mapped, native, peer, peerAt, policy, type Sent, server, serverEndpoint, World } from './world.ts';

const extensions = { ...noExtensions, symmetricNatSupport: true, serverLoadReduction: true };
const stranger = peerAt('198.51.100.99:9999');
const foreign = endpoint('198.51.100.10:9999');
const service = 0;

function nonceTrailer(nonce: number): Uint8Array {
  const bytes = new Uint8Array(6);
  writeNonceTrailer(bytes, 0, nonce);
  return bytes;
}

/** Returns the nonce in a bubble; 0 without one. */
function nonceOf({ payload }: Sent): number {
  if (payload.length < 46 || payload[40] !== 1) return 0;
  return new DataView(payload.buffer, payload.byteOffset).getUint32(42);
}

/** A client whose service port is relayed, with the peer of the other tests. */
class RelayedWorld extends World {
  static of(options: Partial<ClientOptions> = {}): RelayedWorld {
    const world = new RelayedWorld({ extensions, relayed: 'upgradable', ...options });
    world.start();
    return world;
  }

  /** Trusts the peer, which began, through the relay. The first trial has left. Returns the nonce that the peer was sent. */
  static withPeer(options: Partial<ClientOptions> = {}): { readonly world: RelayedWorld; readonly nonce: number } {
    const world = RelayedWorld.of(options);
    world.ask(7);
    const nonce = nonceOf(world.sent().at(-1)!);
    world.arrive(joined(bubble(peer.address, world.address), nonceTrailer(nonce)), peer.endpoint, service);
    return { world, nonce };
  }

  /** The peer was reached without the relay. */
  static upgraded(): { readonly world: RelayedWorld; readonly nonce: number } {
    const both = RelayedWorld.withPeer();
    both.world.bringBack(both.nonce);
    both.world.sent();
    return both;
  }

  get plain(): number {
    return this.outputs.openedPorts[0]!.id;
  }

  /** All arrives at the service port unless a test says otherwise. */
  override get servicePortId(): number {
    return service;
  }

  arrive(datagram: Uint8Array, from: Ipv4Endpoint, portId = this.plain): void {
    this.receive(datagram, { ...from, portId });
  }

  /** An indirect bubble of the peer arrives. */
  ask(nonce: number, ...more: Uint8Array[]): void {
    const asked = joined(withOrigin(bubble(peer.address, this.address), peer.endpoint), nonceTrailer(nonce), ...more);
    this.receive(asked, serverEndpoint);
  }

  /** A bubble of the peer arrives at the plain port. */
  bringBack(nonce: number, from: Ipv4Endpoint = peer.endpoint): void {
    this.arrive(joined(bubble(peer.address, this.address), nonceTrailer(nonce)), from);
  }

  /** Returns what left since the last call: through the relay or from the plain port, where to, and with which nonce. */
  told(): string[] {
    return this.sent().map((each) => {
      const port = each.portId === service ? 'relay' : each.portId === this.plain ? 'plain' : 'another port';
      const to = isTo(each, peer.endpoint) ? 'peer' : isTo(each, peer.server) ? 'server' : 'other';
      if (each.payload[6] !== 59) return `${port} ${to} data`;
      const nonce = nonceOf(each);
      const asks = each.payload[46] === 4 && each.payload[48] === 0 ? ' asks' : '';
      return `${port} ${to} ${nonce === 0 ? 'bubble' : nonce < 100 ? `nonce${nonce}` : 'nonce'}${asks}`;
    });
  }

  /** The host sends a packet to the peer; returns what left. */
  data(): string[] {
    this.host(dataPacket(this.address, peer.address));
    return this.told();
  }
}

describe('a peer that is reached through the relay', () => {
  it('[TU-23] gets a bubble with its nonce from the plain port once it is trusted, and not before', () => {
    const world = RelayedWorld.of();
    world.ask(7);
    const sent = world.sent();
    expect(sent.map(({ portId }) => portId)).toEqual([service, service]);
    world.arrive(joined(bubble(peer.address, world.address), nonceTrailer(nonceOf(sent[1]!))), peer.endpoint, service);
    expect(world.told()).toEqual(['plain peer nonce7 asks']);
    expect(world.data()).toEqual(['relay peer data']);
  });

  it('[TU-23] is reached without it when its bubble brings the nonce back to the plain port', () => {
    const { world, nonce } = RelayedWorld.withPeer();
    world.sent();
    world.bringBack(nonce);
    // So that the peer sends there even if data passed the bubble on its way.
    expect(world.told()).toEqual(['plain peer nonce7']);
    expect(world.data()).toEqual(['plain peer data']);
    expect(world.client.status().counters.pathsUpgraded).toBe(1);
    expect(world.client.status().paths?.counts).toMatchObject({ direct: 0, 'turn-direct': 1 });
    world.bringBack(nonce);
    world.arrive(dataPacket(peer.address, world.address), peer.endpoint);
    expect([world.told(), world.delivered().length]).toEqual([[], 1]);
    world.pass(25_000);
    expect([world.data(), world.client.status().counters.pathsUpgraded]).toEqual([['plain peer data'], 1]);
  });

  it('[TU-23] gets nothing through the relay any more, whatever it says through the server', () => {
    const { world } = RelayedWorld.upgraded();
    for (let nonce = 8; nonce < 12; nonce++) {
      world.pass(2_000);
      world.arrive(dataPacket(peer.address, world.address), peer.endpoint);
      world.ask(nonce);
      expect([...world.told(), ...world.data()]).toEqual([`plain peer nonce${nonce}`, 'plain peer data']);
    }
  });

  it.each<[string, (nonce: number) => number, string]>([
    ['a wrong nonce', (nonce) => nonce ^ 1, 'bubble-nonce-mismatch'],
    ['no nonce', () => 0, 'endpoint-mismatch'],
    ['the nonce that it sent itself', () => 7, 'bubble-nonce-mismatch'],
  ])('[TU-23][SNS-09] stays with it: a bubble at the plain port with %s proves nothing', (_what, of, reason) => {
    const { world, nonce } = RelayedWorld.withPeer();
    world.sent();
    const sent = of(nonce);
    const trailer = sent === 0 ? new Uint8Array(0) : nonceTrailer(sent);
    for (const from of [peer.endpoint, foreign]) {
      world.arrive(joined(bubble(peer.address, world.address), trailer), from);
    }
    expect([world.data(), world.dropsFor(reason as 'endpoint-mismatch')]).toEqual([['relay peer data'], 2]);
  });

  it('[TU-23] stays with it: data at the plain port is delivered, and proves nothing', () => {
    const { world } = RelayedWorld.withPeer();
    world.sent();
    world.arrive(dataPacket(peer.address, world.address), peer.endpoint);
    world.arrive(dataPacket(peer.address, world.address), foreign);
    expect([world.delivered().length, world.data()]).toEqual([1, ['relay peer data']]);
  });

  it('[TU-23][SNS-10] may come from another endpoint, which its NAT uses towards the plain port', () => {
    const { world, nonce } = RelayedWorld.withPeer();
    world.sent();
    world.bringBack(nonce, foreign);
    world.host(dataPacket(world.address, peer.address));
    const last = world.sent().at(-1)!;
    expect([isTo(last, foreign), last.portId]).toEqual([true, world.plain]);
  });

  it('[TU-23][CL-B-09] causes no more trials than answers', () => {
    const { world } = RelayedWorld.withPeer();
    world.sent();
    for (let count = 0; count < 50; count++) world.ask(8 + (count % 9));
    const told = world.told();
    expect(told.filter((each) => each.startsWith('plain'))).toHaveLength(3);
    expect(told).toHaveLength(6);
    expect(world.dropsFor('reply-limit')).toBe(47);
  });

  it('[TU-25] is tried again after 2, 4, 8 s and so on up to each 256 s while it is reached', () => {
    const { world } = RelayedWorld.withPeer();
    const start = world.now;
    const times = world.sent().map(({ at }) => at - start);
    for (let second = 1; second <= 1_100; second++) {
      world.pass(1_000);
      if (second % 10 === 0) world.arrive(dataPacket(peer.address, world.address), peer.endpoint, service);
      times.push(...world.sent().map(({ at }) => at - start));
    }
    expect(times).toEqual([0, 2, 6, 14, 30, 62, 126, 254, 510, 766, 1022].map((seconds) => 1000 * seconds));
    world.pass(300_000);
    expect(world.sent()).toEqual([]);
  });

  it('[TU-25] is tried again 2 s after it brought back a nonce that is too old, and was sent another one', () => {
    const { world, nonce } = RelayedWorld.withPeer();
    for (let second = 0; second < 45; second++) {
      world.pass(1_000);
      world.arrive(dataPacket(peer.address, world.address), peer.endpoint, service);
    }
    world.told();
    world.bringBack(nonce);
    expect(world.told()).toEqual(['relay server nonce']);
    world.pass(1_999);
    expect(world.told()).toEqual([]);
    world.pass(1);
    expect(world.told()).toEqual(['plain peer nonce7 asks']);
  });
});

describe('a peer that the client looks for', () => {
  it('[TU-24][SNS-18] is sent a bubble from the plain port with each burst, so that it sends its nonce', () => {
    const world = RelayedWorld.of();
    expect(world.data()).toEqual(['plain peer bubble', 'relay peer bubble', 'relay server nonce']);
    world.pass(2_000);
    expect(world.told()).toEqual(['plain peer bubble', 'relay peer bubble', 'relay server nonce']);
    world.ask(7);
    expect(world.told()).toEqual(['relay peer nonce7']);
    world.pass(2_000);
    expect(world.told()).toEqual(['relay peer nonce7 asks', 'relay server nonce']);
  });

  it('[TU-23][PP-32] gets what waits, and no bubble, when it brings back the nonce to the plain port before it sent its own', () => {
    const world = RelayedWorld.of();
    world.host(dataPacket(world.address, peer.address));
    world.bringBack(nonceOf(world.sent().at(-1)!));
    expect(world.told()).toEqual(['plain peer data']);
  });

  it('[TU-26] is not trusted at the plain port first', () => {
    const world = RelayedWorld.of();
    world.host(dataPacket(world.address, peer.address));
    world.sent();
    world.arrive(bubble(peer.address, world.address), peer.endpoint);
    world.arrive(dataPacket(peer.address, world.address), peer.endpoint);
    expect([world.delivered(), world.told(), world.dropsFor('endpoint-mismatch')]).toEqual([[], [], 2]);
  });
});

describe('a peer that is reached without the relay', () => {
  /** The host sends a packet each second. */
  function each(world: RelayedWorld, seconds: number, then: (second: number) => void = () => {}): string[] {
    return Array.from({ length: seconds }, (_, second) => {
      world.pass(1_000);
      then(second);
      return [...world.told(), ...world.data()].join(', ');
    });
  }

  it('[TU-26] and says nothing for 2 s is asked, and left to the relay 2 s later; then trials go on', () => {
    const { world, nonce } = RelayedWorld.upgraded();
    expect(each(world, 8)).toEqual([
      'plain peer data',
      'plain peer data',
      'plain peer nonce7 asks, plain peer data',
      'plain peer data',
      'plain peer nonce7 asks, relay peer data',
      'relay peer data',
      'relay peer data',
      'relay peer data',
    ]);
    expect(each(world, 1)).toEqual(['plain peer nonce7 asks, relay peer data']);
    world.bringBack(nonce);
    expect([world.told(), each(world, 1)]).toEqual([['plain peer nonce7'], ['plain peer data']]);
  });

  it('[TU-26] and answers the question stays', () => {
    const { world } = RelayedWorld.upgraded();
    const answer = () => world.arrive(bubble(peer.address, world.address), peer.endpoint);
    const sent = each(world, 29, (second) => {
      if (second === 3) answer();
    });
    expect(sent.filter((text) => text.includes('asks'))).toHaveLength(1);
    expect(sent.filter((text) => text.includes('relay'))).toEqual([]);
  });

  it('[TU-26] and fell silent is asked through the relay, and tried without it as soon as it answers', () => {
    const { world } = RelayedWorld.upgraded();
    world.pass(40_000);
    // It is told so, since the NAT may forget the plain port.
    expect(world.told()).toEqual(['relay peer nonce7']);
    expect(world.data()).toEqual(['relay peer nonce7 asks']);
    world.arrive(bubble(peer.address, world.address), peer.endpoint, service);
    expect(world.told()).toEqual(['relay peer data', 'plain peer nonce7 asks']);
  });

  it('[TU-26] is checked every 10 s, however often it is heard', () => {
    const { world } = RelayedWorld.upgraded();
    world.pass(5_000);
    world.arrive(dataPacket(peer.address, world.address), peer.endpoint);
    world.pass(34_999);
    expect(world.told()).toEqual([]);
    world.pass(1);
    expect(world.told()).toEqual(['relay peer nonce7']);
  });

  it('[TU-26] and fell silent is asked through the relay, though it was not checked since', () => {
    const { world } = RelayedWorld.upgraded();
    world.pass(5_000);
    world.arrive(dataPacket(peer.address, world.address), peer.endpoint);
    world.pass(31_000);
    expect(world.data()).toEqual(['relay peer nonce7 asks']);
  });

  it('[TU-26] moves back with a bubble through the relay', () => {
    const { world } = RelayedWorld.upgraded();
    world.arrive(bubble(peer.address, world.address), peer.endpoint, service);
    expect(world.told()).toEqual(['plain peer nonce7 asks']);
    expect(world.data()).toEqual(['relay peer data']);
  });
});

describe('the plain port', () => {
  it('[TU-26] drops and counts what unknown peers send, and answers nothing', () => {
    const { world } = RelayedWorld.withPeer();
    world.sent();
    const { address } = world;
    const { peers } = world.client.status();
    world.arrive(bubble(stranger.address, address), stranger.endpoint);
    world.arrive(joined(bubble(stranger.address, address), nonceTrailer(7)), stranger.endpoint);
    world.arrive(dataPacket(stranger.address, address), stranger.endpoint);
    world.arrive(bubble({ word0: 0xfe800000, word1: 0, word2: 0, word3: 1 }, address), stranger.endpoint);
    expect(world.dropsFor('not-for-plain-port')).toBe(4);
    world.arrive(withOrigin(bubble(peer.address, address), peer.endpoint), serverEndpoint);
    expect(world.dropsFor('unexpected-origin')).toBe(1);
    world.arrive(withAuthentication(bubble(peer.address, address)), peer.endpoint);
    expect(world.dropsFor('authentication-around-other')).toBe(1);
    world.arrive(bubble(peer.address, stranger.address), peer.endpoint);
    expect(world.dropsFor('not-for-us')).toBe(1);
    expect([world.sent(), world.delivered(), world.client.status().peers]).toEqual([[], [], peers]);
  });

  it('[TU-26] drops what native hosts send, known or not', () => {
    const world = RelayedWorld.of();
    world.host(dataPacket(world.address, native));
    world.arrive(dataPacket(native, world.address), peer.endpoint);
    expect([world.delivered(), world.dropsFor('not-for-plain-port')]).toEqual([[], 1]);
  });

  it('[TU-23] carries data as the service port does, and is closed with the client, which opens another one', () => {
    const { world } = RelayedWorld.withPeer();
    const { plain } = world;
    world.client.stop(world.now);
    expect(world.outputs.closedPorts).toEqual([plain]);
    world.start();
    expect(world.outputs.openedPorts).toMatchObject([
      { id: plain, like: service, carriesData: true },
      { id: plain + 1, like: service, carriesData: true },
    ]);
  });

  it('[TU-23] that cannot be opened is counted, and all peers stay with the relay', () => {
    const world = new RelayedWorld({ extensions, relayed: 'upgradable' });
    world.outputs.openPort = () => 'descriptor-limit';
    world.start();
    expect(world.data()).toEqual(['relay peer bubble', 'relay server nonce']);
    expect(world.client.status().counters.portsRefused).toBe(1);
  });

  it.each<[string, Partial<ClientOptions>]>([
    ['with a relay that is always used', { relayed: 'always' }],
    ['without support of symmetric NATs', { extensions: { ...extensions, symmetricNatSupport: false } }],
    ['with a port of this host', { relayed: undefined as never }],
  ])('[TU-27] is not open %s: peers see the service port alone', (_what, options) => {
    const world = RelayedWorld.of(options);
    expect(world.outputs.openedPorts).toEqual([]);
    world.data();
    world.ask(7);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.pass(600_000);
    expect(world.sent().filter(({ portId }) => portId !== service)).toEqual([]);
  });

  it('[TU-27] belongs to clients whose TURN server is not always used', () => {
    const turn = { servers: [{ endpoint: stranger.endpoint, transport: 'udp' as const }] };
    const credentials = { username: 'alice', password: 'secret' };
    const outputs: EngineOutputs = new RecordingOutputs();
    const options = { servers: [server], local: mapped, policy };
    const engine = createRelayedClientEngine(
      options,
      { ...turn, credentials, upgradesPaths: true },
      outputs,
      seededRandom(1),
    );
    engine.start(0);
    expect(engine.status().paths?.counts).toMatchObject({ turn: 0, 'turn-direct': 0 });
  });
});

describe('random ports of a client whose service port is relayed', () => {
  it('[TU-27][PP-13] are never open, and those of peers are sent bubbles through the relay', () => {
    const world = new RelayedWorld({ extensions: allExtensions, relayed: 'upgradable' });
    world.mappingTowards = (address) => (address === server.primary ? mapped : { ...mapped, port: 4097 });
    world.start();
    expect(world.client.status().nat).toBe('symmetric');
    const told = new Uint8Array(4);
    writeRandomPortTrailer(told, 0, 50_000);
    world.ask(7, told);
    expect(world.sent().filter(({ port, portId }) => port === 50_000 && portId === service)).toHaveLength(1);
    world.pass(20_000);
    world.data();
    world.pass(20_000);
    expect(world.outputs.openedPorts.map(({ id }) => id)).toEqual([world.plain]);
  });
});

describe('a client that such a peer reaches without the relay', () => {
  /** Trusts the peer at its embedded endpoint, which was sent a nonce. */
  function trusting(): { readonly world: World; readonly nonce: number } {
    const world = World.qualified({ extensions });
    world.host(dataPacket(world.address, peer.address));
    const nonce = nonceOf(world.sent().at(-1)!);
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.sent();
    return { world, nonce };
  }

  const tried = (world: World, nonce: number) =>
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(nonce)), foreign);

  it('[TU-23][SNS-08][SNS-10] accepts its bubble with the nonce, answers it there once, and sends data there', () => {
    const { world, nonce } = trusting();
    tried(world, nonce);
    expect(world.sent().map((each) => isTo(each, foreign))).toEqual([true]);
    tried(world, nonce);
    expect(world.sent()).toEqual([]);
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => isTo(each, foreign))).toEqual([true]);
  });

  it('[TU-25][SNS-15] sends a peer that is reached another nonce, once for each that comes back too late', () => {
    const { world, nonce } = trusting();
    for (let second = 0; second < 40; second++) {
      world.pass(1_000);
      world.receive(dataPacket(peer.address, world.address), peer.endpoint);
    }
    world.sent();
    for (let count = 0; count < 5; count++) tried(world, nonce);
    const sent = world.sent();
    expect(sent.map((each) => isTo(each, peer.server))).toEqual([true]);
    expect(world.dropsFor('bubble-nonce-mismatch')).toBe(5);
    expect(nonceOf(sent[0]!)).not.toBe(nonce);
    tried(world, nonceOf(sent[0]!));
    world.sent();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => isTo(each, foreign))).toEqual([true]);
  });

  it.each([
    ['sends another nonce and nothing else', '198.51.100.10:3544', 1],
    ['sends nothing', '10.0.0.9:3544', 0],
  ])('[TU-25][CL-R-36] %s when one comes back too late from %s, as if a server had passed it on', (_, where, count) => {
    const { world, nonce } = trusting();
    for (let second = 0; second < 40; second++) {
      world.pass(1_000);
      world.receive(dataPacket(peer.address, world.address), peer.endpoint);
    }
    world.sent();
    world.receive(joined(bubble(peer.address, world.address), nonceTrailer(nonce)), endpoint(where));
    expect(world.sent().map((each) => isTo(each, peer.server))).toEqual(Array.from({ length: count }, () => true));
    expect(world.dropsFor('bubble-nonce-mismatch')).toBe(1);
  });

  it('[TU-25][CL-B-08] sends no nonce beyond the limits to a peer that was never reached', () => {
    const world = World.qualified({ extensions });
    world.host(dataPacket(world.address, peer.address));
    world.pass(8_000);
    const nonce = nonceOf(world.sent().at(-1)!);
    world.pass(30_000);
    tried(world, nonce);
    expect(world.sent()).toEqual([]);
  });

  it('[TU-25][CL-B-09] sends 100 nonces a second at most', () => {
    const world = World.qualified({ extensions });
    const peers = Array.from({ length: 150 }, (_, number) => peerAt(`198.51.100.${10 + number}:8192`));
    const bring = ({ address, endpoint: at }: (typeof peers)[0], nonce: number) =>
      world.receive(joined(bubble(address, world.address), nonceTrailer(nonce)), { ...at, port: 9999 });
    const nonces = peers.map((each) => {
      world.pass(15);
      bring(each, 1);
      return nonceOf(world.sent()[0]!);
    });
    for (const each of peers) world.receive(bubble(each.address, world.address), each.endpoint);
    world.pass(20_000);
    for (const each of peers) world.receive(dataPacket(each.address, world.address), each.endpoint);
    world.pass(20_000);
    world.sent();
    peers.forEach((each, number) => {
      bring(each, nonces[number]!);
    });
    expect(world.sent()).toHaveLength(100);
  });
});
