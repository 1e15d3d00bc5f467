import { Ipv4Policy, Ipv6Policy, parseIpv6Prefix, readIpv6, serverLinkLocal } from '@navalis/address';
import { createDatagramRun, createPacketRun, NavalisError, type PacketRun } from '@navalis/engine';
import { RecordingOutputs } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createStandbyEngine } from '../src/index.ts';
import { bubble, dataPacket, ipv4, ipv6, joined, withOrigin } from './packets.ts';
import { mapped, native, otherServer, peer, peerAt, relay, server, serverEndpoint, World } from './world.ts';

/** A run of packets of equal length that lie one behind the other. */
function runOf(packets: readonly Uint8Array[]): PacketRun {
  const run = createPacketRun(joined(...packets));
  const length = packets[0]!.length;
  Object.assign(run, {
    packetLength: length,
    lastPacketLength: packets.at(-1)!.length,
    count: packets.length,
    headerStride: length,
  });
  return run;
}

describe('the counters of a client', () => {
  it('count packets of a run each, and the octets of the shorter last one', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    const before = world.client.status().counters;
    const packets = [60, 60, 50].map((length) => dataPacket(peer.address, world.address, 1, length));
    const run = Object.assign(createDatagramRun(new Uint8Array()), runOf(packets), {
      sourceAddress: peer.endpoint.address,
      sourcePort: peer.endpoint.port,
    });
    world.client.handleDatagrams(run, world.now);
    expect(world.client.status().counters).toMatchObject({
      datagramsReceived: before.datagramsReceived + 3,
      octetsReceived: before.octetsReceived + 170,
      packetsDelivered: before.packetsDelivered + 3,
      bubblesReceived: 1,
    });
    expect(world.delivered()).toEqual(packets);
  });

  it('count bubbles that left', () => {
    const world = World.qualified();
    const { bubblesSent } = world.client.status().counters;
    world.host(dataPacket(world.address, peer.address));
    expect(world.client.status().counters.bubblesSent).toBe(bubblesSent + 2);
  });

  it('count packets from the host to its own address as delivered', () => {
    const world = World.qualified();
    const packet = dataPacket(world.address, world.address);
    world.host(packet);
    expect(world.delivered()).toEqual([packet]);
    expect(world.client.status().counters).toMatchObject({ packetsTaken: 1, packetsDelivered: 1, drops: {} });
  });

  it('name the reason for packets that are too big and for unanswered destinations', () => {
    const world = World.qualified();
    world.host(dataPacket(world.address, peer.address, 1, 1281));
    expect(world.client.status().counters.drops).toEqual({ 'packet-too-big': 1 });
    world.host(dataPacket(world.address, native));
    world.pass(9_000);
    world.host(dataPacket(world.address, native));
    expect(world.client.status().counters.drops).toEqual({ 'packet-too-big': 1, unreachable: 2 });
  });

  it('take the one header of a super-segment for none of a malformed packet', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    // Its payload length is that of all packets together.
    const run = createPacketRun(dataPacket(world.address, peer.address, 1, 100));
    Object.assign(run, { packetLength: 70, lastPacketLength: 70, count: 2, headerStride: 0 });
    world.client.handlePackets(run, world.now);
    expect(world.totalDrops()).toBe(0);
  });
});

describe('a client on standby', () => {
  const own = ipv6('2001:0:cb00:7178:0:efff:3fff:fdfe');
  function standby() {
    const outputs = new RecordingOutputs();
    const engine = createStandbyEngine(
      outputs,
      new Ipv6Policy({ ipv4: new Ipv4Policy({ strictness: 'rfc4380' }), extraGlobal: [parseIpv6Prefix('fe80::/10')!] }),
    );
    engine.start(70);
    return { engine, outputs };
  }

  it('[CL-C-06] says since when it stands by, and since when no longer', () => {
    const { engine } = standby();
    expect(engine.status()).toMatchObject({ state: 'initial', since: 70 });
    engine.stop(90);
    expect(engine.status()).toMatchObject({ state: 'stopped', since: 90 });
  });

  it('counts each packet that is lost, also of a run, and of a super-segment that looks malformed', () => {
    const { engine, outputs } = standby();
    engine.handlePackets(runOf([dataPacket(own, native), dataPacket(own, native)]), 80);
    expect(engine.status().counters).toMatchObject({ packetsTaken: 2, drops: { 'not-qualified': 2 } });
    expect(outputs.events).toEqual([{ kind: 'wanted' }]);

    const other = standby();
    const segments = createPacketRun(dataPacket(own, native, 1, 100));
    Object.assign(segments, { packetLength: 70, lastPacketLength: 70, count: 2, headerStride: 0 });
    other.engine.handlePackets(segments, 80);
    expect(other.outputs.events).toEqual([{ kind: 'wanted' }]);
  });

  it('[CL-T-21] takes nothing for chatter of the kernel but a single well-formed packet', () => {
    const { engine } = standby();
    const chatter = dataPacket(ipv6('fe80::1'), ipv6('ff02::16'));
    engine.handlePackets(runOf([chatter, chatter]), 80);
    expect(engine.status().counters.packetsTaken).toBe(2);
    const broken = createPacketRun(chatter);
    Object.assign(broken, { packetLength: 59, lastPacketLength: 59 });
    engine.handlePackets(broken, 80);
    expect(engine.status().counters.packetsTaken).toBe(3);
  });
});

describe('options that a client refuses', () => {
  const options = {
    'A client needs at least one server.': [],
    "The server's primary and secondary address are both 203.0.113.120; they must differ.": [
      { primary: server.primary, secondary: server.primary },
    ],
    "The server's primary address 10.0.0.1 is not a global unicast IPv4 address.": [
      { primary: ipv4('10.0.0.1'), secondary: server.secondary },
    ],
    "The server's secondary address 10.0.0.1 is not a global unicast IPv4 address.": [
      { primary: server.primary, secondary: ipv4('10.0.0.1') },
    ],
  };

  it.each(Object.entries(options))('[CL-C-01] is said: %s', (sentence, servers) => {
    expect(() => new World({ servers })).toThrow(new NavalisError('configuration', sentence));
    try {
      new World({ servers });
    } catch (error) {
      expect(error).toMatchObject({ code: 'configuration' });
    }
  });
});

describe('endpoints in the events and datagrams of a client', () => {
  it('[CL-T-12] names the router of the server in use in its errors, also after another took its place', () => {
    const world = new World({ servers: [server, otherServer] });
    world.answerers = [otherServer];
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.answerers = [server, otherServer];
    world.start();
    world.pass(60_000);
    expect(world.client.status()).toMatchObject({ state: 'qualified', server: otherServer.primary });
    world.host(dataPacket(world.address, peer.address, 1, 1281));
    expect(readIpv6(world.delivered()[0]!, 8)).toEqual(serverLinkLocal(otherServer.primary));
  });

  it('[SEC-09] takes a peer with its own mapped port at another address for no sibling', () => {
    const world = World.qualified();
    const other = peerAt('198.51.100.10:4096');
    const data = dataPacket(other.address, world.address);
    world.receive(data, other.endpoint);
    expect(world.delivered()).toEqual([data]);
    world.host(dataPacket(world.address, other.address));
    expect(world.totalDrops()).toBe(0);
  });

  it('[CL-R-27] believes no peer at another port of the address that it embeds', () => {
    const world = World.qualified();
    world.receive(dataPacket(peer.address, world.address), { ...peer.endpoint, port: 8193 });
    expect(world.dropsFor('endpoint-mismatch')).toBe(1);
    expect(world.delivered()).toEqual([]);
  });

  it.each([
    ['a 6to4 address', '2002:808:808::1', {}],
    [
      'a documentation address that is to be treated as global',
      '2001:db8::1',
      { extraGlobalIpv6: [parseIpv6Prefix('2001:db8::/32')!] },
    ],
  ])('[CL-R-26] takes %s for native: straight, through the server, and as a destination', (_, text, options) => {
    const world = World.qualified(options);
    const host = ipv6(text);
    const data = dataPacket(host, world.address);
    world.receive(data, relay);
    world.receive(withOrigin(data, relay), serverEndpoint);
    expect(world.delivered()).toEqual([data, data]);
    world.host(dataPacket(world.address, host));
    expect(world.totalDrops()).toBe(0);
  });

  it('[CL-B-07] sends no bubble of its own within 2 s of an answer to the peer', () => {
    const world = World.qualified();
    // Through a server that is not ours: answered straight, and not through the peer's server.
    world.receive(bubble(peer.address, world.address), peer.server);
    expect(world.sent()).toHaveLength(1);
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent()).toEqual([]);
    world.pass(2_000);
    expect(world.sent().map(({ payload }) => payload.length)).toEqual([40, 40]);
  });

  it('[RT-04] reports that this host has no route to the server', () => {
    const world = new World();
    world.client.replaceUnreachable([server.primary]);
    world.start();
    world.pass(60_000);
    expect(world.client.status()).toMatchObject({ state: 'off-line', offlineReason: 'no-route' });
    expect(world.solicitations).toBe(0);
    world.client.replaceUnreachable([]);
    world.client.networkChanged(world.now);
    world.pass(0);
    expect(world.client.status().state).toBe('qualified');
  });

  it('tells a change of its local address, and none where it is the same', () => {
    const world = World.qualified();
    const before = world.outputs.events.length;
    world.client.networkChanged(world.now, ipv4('10.0.0.2'));
    world.client.networkChanged(world.now);
    expect(world.outputs.events.slice(before).filter(({ kind }) => kind === 'local-changed')).toEqual([]);
  });
});
