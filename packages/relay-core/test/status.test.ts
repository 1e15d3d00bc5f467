import { Ipv4Policy, parseIpv4, parseIpv6 } from '@navalis/address';
import {
  createDatagramRun,
  createPacketRun,
  type PacketRun,
  peerColumnCount,
  peerColumns,
  peerStates,
  pointRunAt,
} from '@navalis/engine';
import { RecordingOutputs, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createRelayEngine } from '../src/index.ts';
import {
  bubble,
  client,
  clientEndpoint,
  localAddress,
  nativeHost,
  packet,
  type RelayLaboratory,
  relayLaboratory,
  serverEndpoint,
  teredo,
} from './laboratory.ts';

const toClient = packet(nativeHost, client);
const fromClient = packet(client, nativeHost);

/** Two packets in one run: the first of 60 octets, the last of `lastPacketLength`. */
function twoPackets<T extends PacketRun>(run: T, lastPacketLength: number): T {
  return Object.assign(run, { offset: 0, count: 2, headerStride: 60, packetLength: 60, lastPacketLength });
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.from([...first, ...second]);
}

describe('the life of a relay', () => {
  it('tells each state with the time it began', () => {
    const { engine, outputs } = relayLaboratory();
    expect(outputs.events).toEqual([{ kind: 'started' }]);
    engine.start(5);
    expect(engine.status()).toMatchObject({ role: 'relay', state: 'running', since: 5 });
    engine.stop(9);
    expect(engine.status()).toMatchObject({ state: 'stopped', since: 9, peers: 0 });
    expect(outputs.events).toEqual([{ kind: 'started' }, { kind: 'started' }, { kind: 'stopped' }]);
  });
});

describe('the list of clients', () => {
  it('has state, path and traffic of each', () => {
    const laboratory = relayLaboratory();
    const row = (): readonly number[] => {
      const columns = new Float64Array(peerColumnCount);
      laboratory.engine.peerRows!.read(1, columns, 0, 60);
      const { state, roundTripMs, sentPackets, sentOctets, receivedPackets, receivedOctets } = peerColumns;
      return [state, roundTripMs, sentPackets, sentOctets, receivedPackets, receivedOctets].map(
        (column) => columns[column]!,
      );
    };
    laboratory.send(toClient, 10);
    expect(row()).toEqual([peerStates.indexOf('trying'), Number.NaN, 0, 0, 0, 0]);
    expect(laboratory.engine.status().paths!.counts.direct).toBe(0);
    laboratory.receive(bubble(client, localAddress), clientEndpoint, 35);
    expect(laboratory.engine.status().paths!.counts.direct).toBe(1);
    expect(row()).toEqual([peerStates.indexOf('established'), 25, 1, toClient.length, 0, 0]);
    for (let packet = 0; packet < 2; packet++) laboratory.receive(fromClient, clientEndpoint, 40);
    laboratory.receive(fromClient, serverEndpoint, 40);
    expect(row().slice(2)).toEqual([1, toClient.length, 2, 2 * fromClient.length]);
    expect(laboratory.engine.peerRows!.count).toBe(1);
  });
});

describe('a relay that was not started', () => {
  it('says so', () => {
    const policy = new Ipv4Policy({ strictness: 'rfc4380' });
    const options = {
      kind: 'relay',
      localAddress,
      servedRanges: [],
      ownIpv4Addresses: [],
      policy,
      rateLimit: true,
    } as const;
    const engine = createRelayEngine(options, new RecordingOutputs(), seededRandom(5));
    expect(engine.status()).toMatchObject({ state: 'initial', since: 0, peers: 0 });
  });
});

describe('the counters of a relay', () => {
  it('count one packet out, its bubbles, and one packet in', () => {
    const relay = relayLaboratory();
    relay.send(toClient);
    expect(relay.engine.status().counters).toMatchObject({
      packetsTaken: 1,
      bubblesSent: 2,
      datagramsSent: 2,
      drops: {},
    });
    relay.receive(fromClient);
    expect(relay.engine.status().counters).toMatchObject({
      datagramsReceived: 1,
      octetsReceived: 60,
      packetsDelivered: 1,
      bubblesReceived: 0,
      drops: {},
    });
  });

  it('count each packet of a run, and the octets of a shorter last one', () => {
    const relay = relayLaboratory();
    relay.send(toClient);
    const run = createDatagramRun(joined(fromClient, packet(client, nativeHost, { octets: 50 })));
    relay.engine.handleDatagrams(
      Object.assign(twoPackets(run, 50), { sourceAddress: clientEndpoint.address, sourcePort: clientEndpoint.port }),
      0,
    );
    expect(relay.engine.status().counters).toMatchObject({
      datagramsReceived: 2,
      octetsReceived: 110,
      packetsDelivered: 2,
      drops: {},
    });
    relay.engine.handlePackets(twoPackets(createPacketRun(joined(toClient, toClient)), 60), 0);
    expect(relay.engine.status().counters.packetsTaken).toBe(3);
  });

  it('[RL-R-05] count no bubble of a client that is not known', () => {
    const relay = relayLaboratory();
    relay.receive(bubble(client, localAddress));
    expect(relay.engine.status().counters).toMatchObject({ bubblesReceived: 0, drops: { 'peer-not-known': 1 } });
  });

  it('[RL-T-13] hold 4096 waiting packets', () => {
    const relay = relayLaboratory({ rateLimit: false });
    reachMany(relay, 0, 4096);
    expect(relay.drops()).toEqual({});
    reachMany(relay, 4096, 1);
    expect(relay.drops()).toEqual({ 'queue-overflow': 1 });
  });

  it('[RL-T-19] hold 65536 clients', () => {
    // Their cone bit makes that quick: nothing waits, and no bubbles leave.
    const relay = relayLaboratory({ rateLimit: false, trustsConeBit: true });
    reachMany(relay, 0, 65_536, 0x8000);
    expect(relay.engine.status().peers).toBe(65_536);
    reachMany(relay, 65_536, 1, 0x8000);
    expect(relay.engine.status().peers).toBe(65_536);
  });
});

/** A packet to each of `count` clients that differ in their mapped endpoint, written into the same memory. */
function reachMany(relay: RelayLaboratory, first: number, count: number, flags = 0): void {
  const bytes = packet(nativeHost, teredo(clientEndpoint, flags));
  const run = createPacketRun(bytes);
  pointRunAt(run, 0, bytes.length);
  for (let index = first; index < first + count; index++) {
    bytes[34] = (index >>> 8) & 0x7f;
    bytes[35] = index;
    bytes[39] = index >>> 15;
    relay.engine.handlePackets(run, 0);
    relay.outputs.takeDatagrams();
  }
}

describe('the bounds of the packets that a relay reads', () => {
  it.each(['fe80:1::1', 'febf:ffff::1'])(
    '[IO-01] a bubble from %s, inside fe80::/10, is from a link-local source',
    (source) => {
      const relay = relayLaboratory();
      relay.send(toClient);
      expect(relay.receive(bubble(parseIpv6(source)!, localAddress))).toHaveLength(1);
      expect(relay.engine.status().counters.bubblesReceived).toBe(1);
    },
  );

  it('takes the right port at another address for another endpoint', () => {
    const relay = relayLaboratory();
    relay.send(toClient);
    relay.receive(fromClient, { address: parseIpv4('192.0.2.2')!, port: 4096 });
    expect(relay.drops()).toEqual({ 'endpoint-mismatch': 1 });
    const unknown = relayLaboratory();
    unknown.receive(fromClient, { address: parseIpv4('192.0.2.2')!, port: 4096 });
    unknown.receive(fromClient, { ...clientEndpoint, port: 4097 });
    expect(unknown.drops()).toEqual({ 'endpoint-mismatch': 2 });
  });

  it.each([
    [1280, {}],
    [1281, { 'packet-too-big': 1 }],
  ])('a packet of %i octets', (octets, drops) => {
    const relay = relayLaboratory();
    relay.send(packet(nativeHost, client, { octets }));
    expect(relay.drops()).toEqual(drops);
  });

  it('leaves the length in the header of a run of several packets to the device that cuts it', () => {
    const relay = relayLaboratory();
    const first = toClient.slice();
    first[5] = 80;
    relay.engine.handlePackets(twoPackets(createPacketRun(joined(first, toClient)), 60), 0);
    expect(relay.drops()).toEqual({});
    expect(relay.engine.status().peers).toBe(1);
  });

  it.each([
    ['2a00::5efe:c633:6432', 'tunnel-loop'],
    ['2a00::200:5efe:c633:6432', 'tunnel-loop'],
    ['2a00::100:5efe:c633:6432', undefined],
    ['2a00::1:2:c633:6432', undefined],
  ])('[SEC-08] a packet for %s, whose end is an IPv4 address of the relay: %s', (destination, reason) => {
    const relay = relayLaboratory();
    relay.send(toClient);
    relay.receive(packet(client, parseIpv6(destination)!));
    expect(relay.drops()).toEqual(reason === undefined ? {} : { [reason]: 1 });
    expect(relay.outputs.takePackets()).toHaveLength(reason === undefined ? 1 : 0);
  });

  it('[HR-05a] sends bubbles from its latest address', () => {
    const relay = relayLaboratory();
    relay.engine.replaceAddresses({ localAddress: nativeHost });
    relay.engine.replaceAddresses({});
    expect(relay.send(toClient)).toEqual([
      { payload: bubble(nativeHost, client), ...clientEndpoint, portId: 0 },
      { payload: bubble(nativeHost, client), ...serverEndpoint, portId: 0 },
    ]);
  });
});
