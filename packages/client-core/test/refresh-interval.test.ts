import { embeddedAddress, embeddedPort } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { bubble, destinationOf, endpoint, ipv4, isSolicitation, sourceOf, withOrigin } from './packets.ts';
import { mapped, peer, serverEndpoint, World } from './world.ts';

const secondaryMapped = endpoint('192.0.2.1:5000');

/** A client that determines its refresh interval; what is solicited from its secondary port has another mapping. */
class DeterminingWorld extends World {
  constructor() {
    super({ determinesRefreshInterval: true });
    this.mappingOf = (portId) => (portId === 2 ? secondaryMapped : mapped);
    this.start();
  }

  /** Passes the bubbles to the secondary address on, as the server would. */
  passBubbles(ms: number): void {
    for (let passed = 0; passed < ms; passed += 1_000) {
      this.pass(1_000);
      for (const { payload, address } of this.sent()) {
        if (address !== serverEndpoint.address || isSolicitation(payload)) continue;
        const through = withOrigin(bubble(this.address, destinationOf(payload)), mapped);
        this.receive(through, { ...serverEndpoint, portId: 2 });
      }
    }
  }

  /** Seconds between solicitations of the service port. */
  refreshes(): number[] {
    return this.solicitationTimes.slice(1).map((at, index) => (at - this.solicitationTimes[index]!) / 1_000);
  }
}

describe('a client that determines its refresh interval', () => {
  it('[CL-D-07][CL-D-12] uses what it found, says so once, and shows it', () => {
    const world = new DeterminingWorld();
    expect(world.client.status().refreshIntervalMs).toBe(30_000);
    expect(world.client.deadlineReason()).toBe('refresh-interval');
    world.passBubbles(61_000);
    expect(world.client.status().refreshIntervalMs).toBe(60_000);
    expect(world.outputs.closedPorts).toEqual([]);
    world.passBubbles(100_000);
    expect(world.client.status().refreshIntervalMs).toBe(90_000);
    expect(world.outputs.events.filter(({ kind }) => kind === 'refresh-interval-determined')).toEqual([
      { kind: 'refresh-interval-determined', refreshIntervalMs: 90_000, keptMs: 90_000, forgottenMs: undefined },
    ]);
    expect(world.outputs.closedPorts).toEqual([2]);
    world.solicitationTimes.length = 0;
    world.passBubbles(1_000_000);
    expect(Math.min(...world.refreshes())).toBeGreaterThanOrEqual(67);
    expect(Math.max(...world.refreshes())).toBeLessThanOrEqual(91);
  });

  it('[CL-D-01] opens a second port with its first address, and no other with the next', () => {
    const world = new DeterminingWorld();
    expect(world.outputs.openedPorts).toEqual([{ id: 2, address: 0, port: 50_002, like: 0, carriesData: false }]);
    world.mappingOf = (portId) => (portId === 2 ? secondaryMapped : endpoint('192.0.2.1:4100'));
    world.pass(60_000);
    expect(world.outputs.events.filter(({ kind }) => kind === 'address-assigned')).toHaveLength(2);
    expect(world.outputs.openedPorts).toHaveLength(1);
    expect(World.qualified().outputs.openedPorts).toEqual([]);
  });

  it('[CL-D-01] solicits from the link-local address of that port', () => {
    const world = new World({ determinesRefreshInterval: true });
    const solicitations: Uint8Array[] = [];
    const send = world.outputs.sendDatagrams.bind(world.outputs);
    world.outputs.sendDatagrams = (run, address, port, from) => {
      if (from === 2) solicitations.push(run.memory.slice(run.offset, run.offset + run.packetLength));
      send(run, address, port, from);
    };
    world.start();
    world.pass(0);
    const source = sourceOf(solicitations[0]!.subarray(13));
    expect([source.word0, embeddedAddress(source), embeddedPort(source)]).toEqual([
      0xfe800000,
      ipv4('10.0.0.2'),
      50_002,
    ]);
  });

  it('[CL-D-02] does without when no port can be opened: says so, counts it, and asks again with the next address', () => {
    const world = new World({ determinesRefreshInterval: true });
    world.outputs.portRefusal = 'descriptor-limit';
    world.start();
    const status = () => world.client.status();
    expect(status()).toMatchObject({ state: 'qualified', refreshIntervalMs: 30_000, counters: { portsRefused: 1 } });
    expect(world.outputs.events).toContainEqual({ kind: 'port-refused', reason: 'descriptor-limit' });
    world.pass(300_000);
    expect(status()).toMatchObject({ state: 'qualified', refreshIntervalMs: 30_000, counters: { portsRefused: 1 } });
    world.outputs.portRefusal = undefined;
    world.mappingTowards = () => endpoint('192.0.2.1:4100');
    world.pass(60_000);
    expect(world.outputs.openedPorts).toMatchObject([{ id: 2 }]);
    expect(world.outputs.closedPorts).toEqual([]);
  });

  it('[CL-D-14] keeps its bubbles off the accounts of peers', () => {
    const world = new DeterminingWorld();
    world.passBubbles(200_000);
    expect(world.client.status().peers).toBe(0);
  });

  it('goes back to the first interval when the network changes, and when the mapping does', () => {
    const world = new DeterminingWorld();
    world.passBubbles(61_000);
    world.client.networkChanged(world.now);
    expect(world.client.status().refreshIntervalMs).toBe(30_000);
    world.passBubbles(200_000);
    expect(world.client.status().refreshIntervalMs).toBe(90_000);
    world.mappingOf = (portId) => (portId === 2 ? secondaryMapped : endpoint('192.0.2.1:4100'));
    world.passBubbles(100_000);
    expect(world.client.status()).toMatchObject({ refreshIntervalMs: 30_000, state: 'qualified' });
  });

  it.each<[string, (world: World) => void]>([
    ['the network changes', (world) => world.client.networkChanged(world.now)],
    ['the host slept', (world) => world.client.resumed(600_000, world.now)],
  ])('[CL-D-15] begins with half of it after a mapping that did not last, and with all of it when %s', (_, change) => {
    const world = new DeterminingWorld();
    world.mappingOf = (portId) => (portId === 2 ? secondaryMapped : endpoint('192.0.2.1:4100'));
    world.pass(31_000);
    expect(world.client.status()).toMatchObject({ refreshIntervalMs: 15_000, state: 'qualified' });
    change(world);
    expect(world.client.status().refreshIntervalMs).toBe(30_000);
    world.pass(1_000);
    expect(world.client.status()).toMatchObject({ refreshIntervalMs: 30_000, state: 'qualified' });
  });

  it('[CL-D-15] begins again with the first one when a mapping that it had determined changes', () => {
    const world = new DeterminingWorld();
    world.passBubbles(161_000);
    expect(world.client.status().refreshIntervalMs).toBe(90_000);
    world.mappingOf = (portId) => (portId === 2 ? secondaryMapped : endpoint('192.0.2.1:4100'));
    world.pass(91_000);
    expect(world.client.status()).toMatchObject({ refreshIntervalMs: 30_000, state: 'qualified' });
  });

  it('ends with the address: nothing leaves its second port afterwards', () => {
    const world = new DeterminingWorld();
    world.passBubbles(40_000);
    world.mappingOf = undefined;
    world.mappingTowards = () => undefined;
    for (let seconds = 0; world.client.status().address !== undefined && seconds < 60; seconds++) world.pass(1_000);
    expect(world.client.status().address).toBeUndefined();
    expect(world.client.deadlineReason()).toBe('qualification');
    world.sent();
    world.pass(300_000);
    expect(world.sent()).toEqual([]);
  });

  it('[CL-D-11] drops datagrams from others to the secondary port', () => {
    const world = new DeterminingWorld();
    world.receive(bubble(peer.address, world.address), { ...peer.endpoint, portId: 2 });
    expect(world.dropsFor('not-for-secondary-port')).toBe(1);
    expect(world.client.status().peers).toBe(0);
    const plain = World.qualified();
    plain.receive(bubble(peer.address, plain.address), { ...peer.endpoint, portId: 2 });
    expect(plain.dropsFor('not-for-secondary-port')).toBe(1);
  });
});
