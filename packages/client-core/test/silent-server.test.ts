import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { bubble, dataPacket, endpoint } from './packets.ts';
import { mapped, peer, peerAt, server, serverEndpoint, World } from './world.ts';

/** Lets so much time pass, in which `from` is heard each second; then tells whether the client still has its address. */
function keepsAddressFor(world: World, ms: number, from: { datagram: () => Uint8Array; at: typeof mapped }): boolean {
  world.mappingTowards = () => undefined;
  for (let passed = 0; passed < ms; passed += 1_000) {
    world.pass(1_000);
    if (world.client.status().address === undefined) return false;
    world.receive(from.datagram(), from.at);
  }
  return true;
}

describe('while its server is silent, a client', () => {
  it('[CL-M-14][CL-P-11] keeps its address and its peers as long as one of them is heard', () => {
    const world = World.qualified();
    const { address } = world;
    const heard = { datagram: () => bubble(peer.address, address), at: peer.endpoint };
    world.receive(heard.datagram(), peer.endpoint);
    expect(keepsAddressFor(world, 600_000, heard)).toBe(true);
    expect(world.address).toEqual(address);
    expect(world.client.status()).toMatchObject({ state: 'qualified', peers: 1 });
    expect(world.outputs.events.filter(({ kind }) => kind === 'server-unheard')).toHaveLength(1);
    world.host(dataPacket(address, peer.address));
    expect(world.sent()).toMatchObject([{ address: peer.endpoint.address, port: peer.endpoint.port }]);
  });

  it('[CL-M-14] does not keep it for packets other than those of a trusted peer at its endpoint', () => {
    const elsewhere = endpoint('198.51.100.66:6666');
    const world = World.qualified();
    expect(
      keepsAddressFor(world, 120_000, { datagram: () => bubble(peer.address, world.address), at: elsewhere }),
    ).toBe(false);
  });

  it('[CL-M-14] does not keep it for a neighbour behind its own NAT, which proves nothing about the path beyond it', () => {
    const neighbour = peerAt('192.0.2.1:5000', 0x1234, server.primary);
    const world = World.qualified();
    const from = { datagram: () => bubble(neighbour.address, world.address), at: neighbour.endpoint };
    expect(keepsAddressFor(world, 120_000, from)).toBe(false);
    const other = peerAt('192.0.2.2:5000', 0x1234, server.primary);
    const outside = World.qualified();
    expect(
      keepsAddressFor(outside, 120_000, {
        datagram: () => bubble(other.address, outside.address),
        at: other.endpoint,
      }),
    ).toBe(true);
  });

  it('[CL-M-14] does not keep it for packets received before a sleep', () => {
    const world = World.qualified();
    world.receive(bubble(peer.address, world.address), peer.endpoint);
    world.mappingTowards = () => undefined;
    world.client.resumed(60_000, world.now);
    world.pass(13_000);
    expect(world.client.status().address).toBeUndefined();
  });

  it('[CL-M-14][CL-M-13] keeps it while the server passes bubbles on, which shows that the mapping lives', () => {
    const world = World.qualified({ refreshIntervalMs: 60_000 });
    const through = { datagram: () => bubble(peer.address, world.address), at: serverEndpoint };
    expect(keepsAddressFor(world, 300_000, through)).toBe(true);
  });
});

it('[CL-Q-31] a client tells its new port, and sends and is seen from there', () => {
  const world = new World();
  world.mappingTowards = () => undefined;
  world.start();
  world.pass(12_000);
  const local = { address: endpoint('10.0.0.2:1').address, port: 50_002 };
  expect(world.outputs.events.slice(-2)).toEqual([{ kind: 'new-port-wanted' }, { kind: 'port-changed', local }]);
  expect(world.outputs.openedPorts).toMatchObject([{ id: 2, like: 0, carriesData: true }]);
  expect(world.outputs.closedPorts).toEqual([0]);
  world.mappingTowards = () => ({ address: mapped.address, port: 50_002 });
  world.pass(2_000);
  expect(world.client.status()).toMatchObject({ state: 'qualified', isPortPreserving: true });
  // A change of the network keeps it.
  world.client.networkChanged(world.now, endpoint('10.0.0.3:1').address);
  expect(world.outputs.events.at(-1)).toEqual({
    kind: 'local-changed',
    local: { address: endpoint('10.0.0.3:1').address, port: 50_002 },
  });
  world.host(dataPacket(world.address, peer.address));
  world.receive(bubble(peer.address, world.address), peer.endpoint);
  expect(new Set(world.sent().map(({ portId }) => portId))).toEqual(new Set([2]));
});

it('[CL-Q-31][HP-05] a client on a new port does not tell peers the endpoint that its router forwards to the old one', () => {
  const neighbour = peerAt('192.0.2.1:5000', 0x1234, server.primary);
  const world = new World({ extensions: { ...noExtensions, hairpinning: true } });
  const forwarded = endpoint('100.64.0.9:49152');
  const alternatesTold = () => {
    world.host(dataPacket(world.address, neighbour.address));
    const [, indirect] = world.sent();
    return indirect!.payload[47]! < 14 ? 1 : 2;
  };
  world.client.portMapped(forwarded, 0);
  world.mappingTowards = () => undefined;
  world.start();
  world.pass(12_000);
  world.mappingTowards = () => mapped;
  world.pass(2_000);
  expect(alternatesTold()).toBe(1);
  world.client.portMapped(forwarded, world.now);
  world.pass(2_000);
  expect(alternatesTold()).toBe(2);
});

it('[CL-Q-31] a client that gets no other port keeps the one it has, and asks for one after the next failure', () => {
  const world = new World();
  world.mappingTowards = () => undefined;
  world.outputs.portRefusal = 'address-gone';
  world.start();
  world.pass(12_000);
  expect(world.outputs.events.slice(-2)).toEqual([
    { kind: 'new-port-wanted' },
    { kind: 'port-refused', reason: 'address-gone' },
  ]);
  expect(world.client.status().counters.portsRefused).toBe(1);
  expect(world.outputs.closedPorts).toEqual([]);
  world.pass(2_000);
  expect(world.solicitationTimes.length).toBeGreaterThan(3);
  world.outputs.portRefusal = undefined;
  world.pass(20_000);
  expect(world.outputs.events.filter(({ kind }) => kind === 'port-changed')).toHaveLength(1);
});

it('[CL-Q-21] a client tells why it has no address also while it tries again', () => {
  const world = new World();
  world.mappingTowards = (address) => (address === server.primary ? mapped : endpoint('192.0.2.1:5000'));
  world.start();
  expect(world.client.status()).toMatchObject({ state: 'off-line', offlineReason: 'symmetric', nat: 'symmetric' });
  world.mappingTowards = () => undefined;
  world.pass(2_000);
  expect(world.client.status()).toMatchObject({ state: 'starting', offlineReason: 'symmetric', nat: 'symmetric' });
  world.mappingTowards = () => mapped;
  world.pass(60_000);
  expect(world.client.status()).toMatchObject({ state: 'qualified', offlineReason: undefined, nat: 'restricted' });
});
