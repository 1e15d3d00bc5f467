import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, endpoint, ipv4 } from './packets.ts';
import { mapped, native, otherServer, peer, server, World } from './world.ts';

const newMapping = endpoint('192.0.2.1:5555');

function kinds(world: World, from = 0): string[] {
  return world.outputs.events.slice(from).map((event) => event.kind);
}

describe('after a sleep', () => {
  it('trusts nobody and checks the mapping at once, although the clock stood still', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.host(dataPacket(world.address, native));
    const { solicitations } = world;
    world.client.resumed(600_000, world.now);
    world.pass(0);
    expect(world.solicitations).toBe(solicitations + 1);
    expect(world.client.status()).toMatchObject({ state: 'qualified', mapped, peers: 0 });
    expect(kinds(world)).toContain('resumed');
    // The waiting packet is gone, and the client tests the formerly trusted peer again.
    expect(world.dropsFor('not-qualified')).toBe(1);
    world.sent();
    world.host(dataPacket(world.address, peer.address));
    expect(world.sent().map((each) => each.payload.length)).toEqual([40, 40]);
  });

  it('has its new address within one round trip when the NAT forgot the mapping', () => {
    const world = World.qualified();
    world.mappingTowards = () => newMapping;
    world.client.resumed(600_000, world.now);
    world.pass(0);
    expect(world.client.status()).toMatchObject({ state: 'qualified', mapped: newMapping });
  });

  it('finds another server within 12 s when its own died meanwhile', () => {
    const world = World.qualified({ servers: [server, otherServer] });
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.client.resumed(600_000, world.now);
    world.pass(12_000);
    expect(world.client.status()).toMatchObject({ state: 'qualified', server: otherServer.primary });
  });

  it('checks the mapping also when the clock went on and the deadlines are long past', () => {
    const world = World.qualified();
    world.mappingTowards = () => newMapping;
    world.now += 600_000;
    world.pass(0);
    expect(world.client.status()).toMatchObject({ state: 'qualified', mapped: newMapping });
  });
});

describe('when the network changes', () => {
  it('checks the mapping at once and tells from where it sends now', () => {
    const world = World.qualified();
    const before = world.outputs.events.length;
    world.mappingTowards = () => newMapping;
    world.client.networkChanged(world.now, ipv4('10.9.9.9'));
    world.pass(0);
    expect(kinds(world, before)).toEqual([
      'local-changed',
      'address-lost',
      'qualification-started',
      'address-assigned',
    ]);
    expect(world.client.status()).toMatchObject({ mapped: newMapping, nat: 'restricted' });
  });

  it('[CL-M-10] finds out that the NAT is another kind of NAT', () => {
    const world = World.qualified();
    world.mappingTowards = (address) => (address === server.primary ? newMapping : mapped);
    world.client.networkChanged(world.now);
    world.pass(0);
    expect(world.client.status()).toMatchObject({ state: 'off-line', offlineReason: 'symmetric', address: undefined });
  });

  it('[CL-M-10] leaves it at that when the mapping is the same, or changes later', () => {
    const world = World.qualified();
    const { address } = world;
    world.client.networkChanged(world.now);
    world.pass(0);
    expect([world.address, world.solicitations]).toEqual([address, 3]);
    world.mappingTowards = () => newMapping;
    world.pass(30_000);
    expect([world.client.status().mapped, world.solicitations]).toEqual([newMapping, 4]);
  });

  it('tries at once while off-line', () => {
    const world = new World();
    world.mappingTowards = () => undefined;
    world.start();
    world.pass(12_000);
    expect(world.client.status().state).toBe('off-line');
    world.mappingTowards = () => mapped;
    world.client.networkChanged(world.now);
    world.pass(0);
    expect(world.client.status().state).toBe('qualified');
  });

  it('[CL-P-11] forgets its peers when a name leads to another server', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.client.replaceServers([otherServer], world.now);
    world.pass(0);
    expect(world.client.status()).toMatchObject({ state: 'qualified', server: otherServer.primary, peers: 0 });
  });
});

it('[CL-C-09] a dead server is noticed and replaced within 30 + 12 s, whenever it dies', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const world = World.qualified({ servers: [server, otherServer] }, seed);
    world.pass(seed * 700);
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.pass(42_000);
    expect(world.client.status()).toMatchObject({ state: 'qualified', server: otherServer.primary });
  }
});
