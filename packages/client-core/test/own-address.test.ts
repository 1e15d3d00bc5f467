import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, ipv6, sourceOf } from './packets.ts';
import { mapped, native, otherServer, peer, server, World } from './world.ts';

describe('the source of ICMPv6 errors to the host', () => {
  it('is the link-local address of the first server, and then of the one that the address is from, even when that is lost', () => {
    const world = new World({ servers: [server, otherServer] });
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    const sourceOfError = () => {
      world.host(dataPacket(ipv6('2001:db8::1'), native));
      return sourceOf(world.delivered()[0]!);
    };
    expect(sourceOfError()).toEqual(ipv6('fe80::8000:f227:34ff:8e87'));
    world.start();
    world.pass(43_000);
    expect(world.client.status().server).toBe(otherServer.primary);
    expect(sourceOfError()).toEqual(ipv6('fe80::8000:f227:39cc:9b89'));
    world.mappingTowards = () => undefined;
    world.pass(900_000);
    expect(world.client.status().address).toBeUndefined();
    expect(sourceOfError()).toEqual(ipv6('fe80::8000:f227:39cc:9b89'));
  });
});

describe('a client that lost its address', () => {
  it('takes nothing to or from it, and tells the host that there is no route', () => {
    const world = World.qualified();
    const { address } = world;
    world.mappingTowards = () => undefined;
    world.pass(900_000);
    expect(world.client.status().address).toBeUndefined();
    world.sent();
    world.receive(bubble(peer.address, address), peer.endpoint);
    expect(world.dropsFor('not-qualified')).toBe(1);
    world.host(dataPacket(address, peer.address));
    expect(world.dropsFor('not-qualified')).toBe(2);
    expect(world.delivered().map((packet) => [...packet.subarray(40, 42)])).toEqual([[1, 0]]);
    expect(world.sent()).toEqual([]);
  });
});
