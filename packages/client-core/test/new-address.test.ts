import { embeddedFlags } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, echoReplyTo, endpoint, isEchoRequestPacket, withOrigin } from './packets.ts';
import { mapped, native, otherServer, peer, relay, server, World } from './world.ts';

/** How the address of a client may become another one, and who its server is then. */
const changes: readonly (readonly [string, (world: World) => void])[] = [
  ['the mapped port alone', (world) => remap(world, '192.0.2.1:4097')],
  ['the mapped address alone', (world) => remap(world, '192.0.2.2:4096')],
  [
    'the server',
    (world) => {
      world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
      world.pass(43_000);
    },
  ],
  [
    'the name of the server',
    (world) => {
      world.client.replaceServers([otherServer], world.now);
      world.pass(0);
    },
  ],
];

function remap(world: World, to: string): void {
  world.mappingTowards = () => endpoint(to);
  world.client.networkChanged(world.now);
  world.pass(0);
}

describe.each(changes)('when %s changes, a client', (_, change) => {
  const qualified = () => World.qualified({ servers: [server, otherServer] });

  it('[R5-13][CL-M-09] has another address with other flags, and takes nothing to the old one', () => {
    const world = qualified();
    const before = world.address;
    change(world);
    expect(world.address).not.toEqual(before);
    expect(embeddedFlags(world.address)).not.toBe(embeddedFlags(before));
    world.sent();
    world.receive(bubble(peer.address, before), peer.endpoint);
    world.receive(withOrigin(bubble(peer.address, before), peer.endpoint), {
      address: world.client.status().server!,
      port: 3544,
    });
    expect(world.dropsFor('not-for-us')).toBe(2);
    expect([world.client.status().peers, world.sent()]).toEqual([0, []]);
    world.host(dataPacket(before, peer.address));
    expect(world.dropsFor('foreign-source')).toBe(1);
  });

  it('[CL-P-11] trusts none of its peers, and contacts them again', () => {
    const world = qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    expect(world.client.status().peers).toBe(1);
    change(world);
    expect(world.client.status().peers).toBe(0);
    world.sent();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map(({ payload }) => payload.length)).toEqual([40, 40]);
  });

  it('[CL-P-11] drops queued packets and counts them', () => {
    const world = qualified();
    world.host(dataPacket(world.address, peer.address));
    world.host(dataPacket(world.address, native));
    const before = world.dropsFor('not-qualified') + world.dropsFor('unreachable');
    change(world);
    expect(world.dropsFor('not-qualified') + world.dropsFor('unreachable')).toBe(before + 2);
    world.sent();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-P-11][CL-I-10] ignores the answer to a test that began before', () => {
    const world = qualified();
    world.host(dataPacket(world.address, native));
    const test = world.sent().find(({ payload }) => isEchoRequestPacket(payload))!;
    change(world);
    const answer = echoReplyTo(test.payload);
    // To the new address, as if that had been asked from.
    const { word0, word1, word2, word3 } = world.address;
    new DataView(answer.buffer, answer.byteOffset).setUint32(24, word0);
    new DataView(answer.buffer, answer.byteOffset).setUint32(28, word1);
    new DataView(answer.buffer, answer.byteOffset).setUint32(32, word2);
    new DataView(answer.buffer, answer.byteOffset).setUint32(36, word3);
    world.receive(answer, relay);
    world.sent();
    world.host(dataPacket(world.address, native));
    expect(new Set(world.sent().map(({ payload }) => isEchoRequestPacket(payload)))).toEqual(new Set([true]));
  });

  it('[CL-R-05][CL-B-11] takes datagrams of the server it has now for the server’s, and of no other', () => {
    const world = qualified();
    change(world);
    world.sent();
    const now = { address: world.client.status().server!, port: 3544 };
    world.receive(withOrigin(bubble(peer.address, world.address), peer.endpoint), now);
    expect(world.sent().length).toBeGreaterThan(0);
    const others = [server, otherServer].filter(({ primary }) => primary !== now.address);
    for (const { primary } of others) {
      world.receive(withOrigin(bubble(peer.address, world.address), peer.endpoint), { address: primary, port: 3544 });
    }
    expect(world.dropsFor('unexpected-origin')).toBe(1);
    expect(world.sent()).toEqual([]);
  });
});
