import { RecordingOutputs, receiveDatagram, type SentDatagram, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createClientEngine } from '../src/index.ts';
import { advertisementFor, bubble, dataPacket, endpoint, withOrigin } from './packets.ts';
import { mapped, native, peer, peerAt, policy, relay, server, serverEndpoint, World } from './world.ts';

describe('a legacy client, whose flags are nothing but the cone bit', () => {
  it.each([
    ['restricted', 0x0000],
    ['cone', 0x8000],
  ])('[R5-11b] behind a %s NAT is asked by bubbles, and gets what waits once it answers', (_, flags) => {
    const world = World.qualified();
    const legacy = peerAt('198.51.100.33:5000', flags);
    const packet = dataPacket(world.address, legacy.address);
    world.host(packet);
    const toLegacy = bubble(world.address, legacy.address);
    expect(world.sent().map(({ payload, address, port }) => [payload, { address, port }])).toEqual([
      [toLegacy, legacy.endpoint],
      [toLegacy, legacy.server],
    ]);
    world.receive(bubble(legacy.address, world.address), legacy.endpoint);
    expect(world.sent().map(({ payload, address, port }) => [payload, { address, port }])).toEqual([
      [packet, legacy.endpoint],
    ]);
  });
});

/** A client that trusts the cone bit and so finds out of which kind its NAT is (RFC 4380 5.2.1). */
function clientBehind(nat: 'cone' | 'restricted') {
  const outputs = new RecordingOutputs();
  const options = { servers: [server], local: endpoint('10.0.0.2:49152'), policy, trustsConeBit: true };
  const client = createClientEngine(options, outputs, seededRandom(7));
  let now = 0;
  client.start(now);
  const answer = ({ payload, address }: SentDatagram) => {
    // With the cone bit, which leads its source's identifier, the server answers from its other address.
    const asksOther = (payload[13 + 8 + 8]! & 0x80) !== 0;
    if (asksOther && nat === 'restricted') return;
    const from = asksOther ? server.secondary : address;
    receiveDatagram(client, advertisementFor(payload, server.primary, mapped), { address: from, port: 3544 }, now);
  };
  for (; client.status().state !== 'qualified'; now = client.nextDeadline(), client.handleDeadline(now)) {
    if (now > 60_000) throw new Error('no address in 60 s');
    for (const sent of outputs.takeDatagrams()) answer(sent);
  }
  outputs.takeDatagrams();
  return {
    client,
    /** Receives a datagram from its server, and returns destination and length of each datagram that it sends. */
    hears(datagram: Uint8Array) {
      receiveDatagram(client, datagram, serverEndpoint, now);
      return outputs.takeDatagrams().map(({ payload, address, port }) => [payload.length, address, port]);
    },
  };
}

describe('a client behind a cone NAT', () => {
  it('[R5-10][CL-N-11b] answers indirect bubbles of clients and relays as one behind a restricted NAT does', () => {
    const [cone, restricted] = [clientBehind('cone'), clientBehind('restricted')];
    expect([cone.client.status().nat, restricted.client.status().nat]).toEqual(['cone', 'restricted']);
    for (const [source, origin] of [
      [peer.address, peer.endpoint],
      [native, relay],
    ] as const) {
      const answers = [cone, restricted].map(({ client, hears }) =>
        hears(withOrigin(bubble(source, client.status().address!), origin)),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]![0]).toEqual([40, origin.address, origin.port]);
    }
  });
});
