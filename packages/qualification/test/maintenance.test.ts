import type { Ipv4Value } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { endpoint, mapped, SteadyRandom, server, World } from './world.ts';

function refreshTimes(world: World): number[] {
  return world.solicitations.slice(2).map((each) => each.at);
}

describe('maintenance', () => {
  it('[CL-M-01][CL-M-02][CL-M-03][CL-M-05] solicits after 22.5 to 30 s of silence, another time each round', () => {
    const world = new World().start();
    const start = world.now;
    world.pass(3_000_000);
    const times = [start, ...refreshTimes(world)];
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(gaps.length).toBeGreaterThan(100);
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(22_500);
      expect(gap).toBeLessThanOrEqual(30_000);
    }
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(gaps.length / 2);
    expect(Math.min(...gaps)).toBeLessThan(23_500);
    expect(Math.max(...gaps)).toBeGreaterThan(29_000);
    expect(new Set(world.solicitations.slice(2).map((each) => each.address))).toEqual(new Set([server.primary]));
    expect(world.eventKinds()).toEqual(['qualification-started', 'address-assigned']);
  });

  it('[CL-C-08][XC-15] a refresh interval of 15 s gives solicitations after 11.25 to 15 s', () => {
    const world = new World({ refreshIntervalMs: 15_000 }).start();
    const start = world.now;
    world.pass(15_000);
    const [first] = refreshTimes(world);
    expect(first! - start).toBeGreaterThanOrEqual(11_250);
  });

  it('[CL-M-03] takes a refresh interval that was found meanwhile', () => {
    const world = new World().start();
    const start = world.now;
    world.qualification.refreshIntervalMs = 300_000;
    expect(world.qualification.refreshIntervalMs).toBe(300_000);
    world.pass(600_000);
    const [first, second] = refreshTimes(world);
    for (const gap of [first! - start, second! - first!]) {
      expect(gap).toBeGreaterThanOrEqual(225_000);
      expect(gap).toBeLessThanOrEqual(300_000);
    }
  });

  it('[CL-M-01][CL-M-13] traffic from the server defers the solicitation, by 22.5 to 30 s from the last of it', () => {
    for (let seed = 0; seed < 50; seed++) {
      const world = new World({}, seed).start();
      for (let i = 0; i < 30; i++) {
        world.pass(20_000);
        world.qualification.recordServerInteraction(world.now);
      }
      expect(refreshTimes(world)).toEqual([]);
      const last = world.now;
      world.pass(30_000);
      const [first] = refreshTimes(world);
      expect(first! - last).toBeGreaterThanOrEqual(22_500);
    }
  });

  it('[CL-R-04][CL-M-13] an answer of the secondary address is no interaction with the server', () => {
    const world = new World();
    world.mappingTowards = (address) => (address === server.primary ? mapped : undefined);
    world.start();
    const first = world.now;
    world.mappingTowards = () => mapped;
    world.pass(4000);
    expect(world.kind).toBe('qualified');
    expect(world.qualification.lastServerInteraction).toBe(first);
    expect(world.qualification.nextDeadline()).toBeLessThanOrEqual(first + 30_000);
  });

  it('[CL-M-06] refreshes with the cone bit clear, as in qualification', () => {
    const world = new World().start();
    world.now = world.qualification.nextDeadline();
    world.qualification.handleDeadline(world.now);
    const [sent] = world.outputs.takeDatagrams();
    expect(sent!.payload[13 + 8 + 8]! & 0x80).toBe(0);
  });

  it.each([
    ['origin', { origin: undefined }],
    ['nonce', { nonce: new Uint8Array(8) }],
    ['checksum', { checksumError: 1 }],
  ])('[CL-M-07] a refresh answer with a bad %s is dropped silently', (_, change) => {
    const world = new World().start();
    const { assignment } = world.qualification;
    const before = world.qualification.lastServerInteraction;
    world.alter = () => ({ origin: endpoint('192.0.2.77:77'), ...change });
    world.pass(30_000);
    expect(world.kind).toBe('refreshing');
    expect(world.qualification.assignment).toBe(assignment);
    expect(world.qualification.lastServerInteraction).toBe(before);
  });

  it('[CL-M-08] the same mapping changes nothing', () => {
    const world = new World().start();
    const { assignment, since } = world.qualification;
    world.pass(30_000);
    expect(refreshTimes(world)).toHaveLength(1);
    expect(world.kind).toBe('qualified');
    expect(world.qualification.assignment).toBe(assignment);
    expect(world.qualification.since).toBe(since);
  });

  it.each(['192.0.2.1:4097', '192.0.2.2:4096'])('[CL-M-08][CL-M-09] mapping %s replaces the address', (changed) => {
    const world = new World().start();
    const old = world.qualification.assignment!.address;
    world.mappingTowards = () => endpoint(changed);
    world.pass(30_000);
    expect(world.qualification.assignment!.mapped).toEqual(endpoint(changed));
    const address = world.qualification.assignment!.address;
    expect(world.outputs.events.slice(-2)).toMatchObject([
      { kind: 'address-lost', address: old },
      { kind: 'address-assigned', address },
    ]);
    expect(address).not.toEqual(old);
  });

  it('[CL-Q-25][CL-M-09] a mapping that becomes private loses the address', () => {
    const world = new World().start();
    world.mappingTowards = () => endpoint('192.168.1.1:4096');
    world.pass(world.untilDeadline);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'mapped-not-global' });
    expect(world.eventKinds().slice(2, 5)).toEqual(['address-lost', 'off-line', 'new-port-wanted']);
  });

  it('[CL-M-12] checks the mapping at once when the network changes, without losing the address', () => {
    const world = new World().start();
    const asked: Ipv4Value[] = [];
    world.mappingTowards = (address) => {
      asked.push(address);
      return mapped;
    };
    world.qualification.networkChanged(world.now);
    world.settle();
    expect(asked).toEqual([server.primary]);
    expect(world.kind).toBe('qualified');
  });

  it('[CL-M-10] runs the whole procedure when the mapping is another one in another network', () => {
    const world = new World().start();
    const moved = endpoint('198.51.100.200:5000');
    world.mappingTowards = () => moved;
    world.qualification.networkChanged(world.now);
    world.settle();
    expect(world.qualification.assignment).toMatchObject({ mapped: moved });
    expect(world.eventKinds().slice(2)).toEqual(['address-lost', 'qualification-started', 'address-assigned']);
    // The check, and both addresses of the server.
    expect(world.solicitations.slice(2).map(({ address }) => address)).toEqual([
      server.primary,
      server.primary,
      server.secondary,
    ]);
  });

  it('[CL-M-09][CL-M-10] does not where only the mapping changed, nor after one that stayed in another network', () => {
    for (const isElsewhere of [false, true]) {
      const world = new World().start();
      if (isElsewhere) world.qualification.networkChanged(world.now);
      world.settle();
      const asked = world.solicitations.length;
      world.mappingTowards = () => endpoint('192.0.2.1:5000');
      world.pass(world.untilDeadline);
      expect(world.solicitations.slice(asked).map(({ address }) => address)).toEqual([server.primary]);
      expect(world.eventKinds().slice(2)).toEqual(['address-lost', 'address-assigned']);
    }
  });

  it('[CL-M-11] a long sleep leads to one solicitation, not to a burst', () => {
    const world = new World().start();
    world.now += 3_600_000;
    world.qualification.handleDeadline(world.now);
    expect(world.outputs.datagrams).toHaveLength(1);
    expect(world.kind).toBe('refreshing');
  });

  it.each([
    ['as long as the shortest interval', 22_500, 1],
    ['less', 22_499, 0],
    ['much longer', 3_600_000, 1],
  ])(
    '[CL-M-11] a sleep after the last word of the server that took %s (%d ms) gives %d solicitations',
    (_, ms, solicitations) => {
      const world = new World({}, new SteadyRandom(0)).start();
      world.now += 10_000;
      world.qualification.recordServerInteraction(world.now);
      world.now += ms;
      world.qualification.handleDeadline(world.now);
      expect(world.outputs.datagrams).toHaveLength(solicitations);
    },
  );

  it('[CL-M-01][CL-M-03] solicits at the shortest interval that may be drawn, and does not draw a second one then', () => {
    const random = new SteadyRandom(0);
    const world = new World({}, random).start();
    random.share = 0.9;
    world.pass(22_499);
    expect(refreshTimes(world)).toEqual([]);
    world.pass(1);
    expect(refreshTimes(world)).toHaveLength(1);
  });
});
