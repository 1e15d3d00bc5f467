import { describe, expect, it } from 'vitest';
import type { QualificationOptions } from '../src/index.ts';
import { endpoint, ipv4, mapped, otherServer, server, World } from './world.ts';

const minute = 60_000;
const servers = [server, otherServer];
const thirdServer = { primary: ipv4('192.0.2.130'), secondary: ipv4('192.0.2.131') };

/** A client on the second server, since the first is dead; `revive` brings it back. */
function failedOver(options: Partial<QualificationOptions> = {}, seed = 1) {
  const world = new World({ servers, ...options }, seed);
  const dead = new Set<number>([server.primary, server.secondary]);
  world.mappingTowards = (address) => (dead.has(address) ? undefined : mapped);
  world.start().pass(12_000);
  expect(world.qualification.assignment?.server).toEqual(otherServer);
  world.solicitations.length = 0;
  return {
    world,
    revive: () => dead.clear(),
    kill: () => [server.primary, server.secondary].map((at) => dead.add(at)),
  };
}

function kinds(world: World): string[] {
  return world.outputs.events.map((event) => event.kind);
}

/** Returns the times of the probes of the first server, in minutes since the client changed to the second. */
function probeTimes(world: World): number[] {
  const times = world.solicitations.filter(({ address }) => address === server.primary).map(({ at }) => at);
  return times.filter((at, index) => index === 0 || at - times[index - 1]! > 5_000).map((at) => (at - 13_000) / minute);
}

describe('a client on a server that is not the first of its list', () => {
  it('[CL-C-09] goes back to the first when it has answered twice, without a gap, and says so', () => {
    const { world, revive } = failedOver();
    revive();
    const before = world.outputs.events.length;
    world.pass(9 * minute - 1);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
    world.pass(3 * minute);
    expect(probeTimes(world)[1]! - probeTimes(world)[0]!).toBe(0.5);
    expect(world.qualification.assignment).toMatchObject({ server, mapped });
    expect(world.outputs.events.slice(before)).toMatchObject([
      { kind: 'server-back', server: server.primary, instead: otherServer.primary },
      { kind: 'address-lost' },
      { kind: 'address-assigned', server: server.primary, mapped },
    ]);
    // And keeps the address there.
    world.pass(60 * minute);
    expect(world.outputs.events).toHaveLength(before + 3);
  });

  it('keeps its address while the first is silent, and asks at growing intervals up to 80 min', () => {
    const { world } = failedOver();
    const before = world.outputs.events.length;
    world.pass(600 * minute);
    expect(world.outputs.events).toHaveLength(before);
    const times = probeTimes(world);
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
    for (const [index, nominal] of [10, 20, 40, 80, 80, 80].entries()) {
      expect(waits[index]! / nominal).toBeGreaterThan(0.89);
      expect(waits[index]! / nominal).toBeLessThan(1.13);
    }
  });

  it('[CL-C-09] asks the first as often as it is configured to, twice as long after each silence', () => {
    const { world } = failedOver({ probeIntervalMs: 2 * minute });
    world.pass(100 * minute);
    const times = probeTimes(world);
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
    for (const [index, nominal] of [2, 4, 8, 16, 16].entries()) {
      expect(waits[index]! / nominal).toBeGreaterThan(0.89);
      expect(waits[index]! / nominal).toBeLessThan(1.13);
    }
  });

  it('goes on refreshing with the second while it asks the first', () => {
    const { world } = failedOver();
    world.pass(60 * minute);
    const refreshes = world.solicitations.filter(({ address }) => address === otherServer.primary).length;
    expect(refreshes).toBeGreaterThanOrEqual(120);
  });

  it('does not go back to one that answers once and dies again', () => {
    const { world, revive, kill } = failedOver();
    revive();
    world.alter = (_, respondent) => {
      if (respondent === server.primary) kill();
      return {};
    };
    const before = world.outputs.events.length;
    world.pass(15 * minute);
    expect(probeTimes(world).length).toBeGreaterThanOrEqual(2);
    expect(world.outputs.events).toHaveLength(before);
  });

  it('does not go back to one that sees another mapping than the server in use', () => {
    const { world } = failedOver();
    world.mappingTowards = (address) => (address === server.primary ? endpoint('192.0.2.1:5000') : mapped);
    const before = world.outputs.events.length;
    world.pass(60 * minute);
    expect(probeTimes(world).length).toBeGreaterThanOrEqual(2);
    expect(world.outputs.events).toHaveLength(before);
  });

  /** A client behind a symmetric NAT: each address of a server sees another mapping. */
  function behindSymmetricNat(firstMapped = mapped) {
    const world = new World({ servers, acceptsSymmetricNat: true });
    const dead = new Set<number>([server.primary, server.secondary]);
    const seen = new Map([
      [server.primary, { ...firstMapped, port: 5000 }],
      [server.secondary, { ...firstMapped, port: 5001 }],
      [otherServer.primary, { ...mapped, port: 5002 }],
      [otherServer.secondary, { ...mapped, port: 5003 }],
    ]);
    world.mappingTowards = (address) => (dead.has(address) ? undefined : seen.get(address));
    world.start().pass(12_000);
    expect(world.qualification.assignment).toMatchObject({ nat: 'symmetric', server: otherServer });
    return { world, dead, before: world.outputs.events.length };
  }

  it('[CL-C-09] goes back behind a symmetric NAT, where each server sees another mapping', () => {
    const { world, dead, before } = behindSymmetricNat();
    dead.clear();
    world.pass(12 * minute);
    expect(world.qualification.assignment).toMatchObject({ nat: 'symmetric', server, mapped: { port: 5000 } });
    expect(kinds(world).slice(before)).toEqual(['server-back', 'address-lost', 'address-assigned']);
    world.pass(60 * minute);
    expect(world.outputs.events).toHaveLength(before + 3);
  });

  it('[CL-C-09] does not go back behind a symmetric NAT to one that sees an address which is not global', () => {
    const { world, dead, before } = behindSymmetricNat(endpoint('10.1.2.3:1'));
    dead.clear();
    world.pass(60 * minute);
    expect(probeTimes(world).length).toBeGreaterThanOrEqual(2);
    expect(world.outputs.events).toHaveLength(before);
  });

  it('[CL-C-13] goes on behind a symmetric NAT to one that answers while the one in use is silent', () => {
    const { world, dead, before } = behindSymmetricNat();
    dead.clear();
    for (const address of Object.values(otherServer)) dead.add(address);
    world.pass(30_000 + 13_000);
    expect(world.qualification.assignment).toMatchObject({ nat: 'symmetric', server, mapped: { port: 5000 } });
    expect(kinds(world).slice(before)).toEqual(['server-replaced', 'address-lost', 'address-assigned']);
  });

  it('[CL-C-09] does not come and go with a first server that does', () => {
    const { world, revive, kill } = failedOver();
    for (let round = 0; round < 72; round++) {
      revive();
      world.pass(15 * minute);
      kill();
      world.pass(5 * minute);
    }
    // 24 hours in which the first server fails 72 times.
    const returns = kinds(world).filter((kind) => kind === 'server-back').length;
    expect(returns).toBeGreaterThan(0);
    expect(returns).toBeLessThan(24);
  });

  it('does not believe an answer to a probe without its nonce', () => {
    const { world, revive } = failedOver();
    revive();
    world.alter = (_, respondent) => (respondent === server.primary ? { nonce: new Uint8Array(8) } : {});
    const before = world.outputs.events.length;
    world.pass(30 * minute);
    expect(world.drops).toContain('nonce-mismatch');
    expect(world.outputs.events).toHaveLength(before);
  });

  it('asks all that come before in turn', () => {
    const world = new World({ servers: [server, thirdServer, otherServer] });
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.start().pass(40 * minute);
    const asked = world.solicitations.filter(({ at }) => at > 5 * minute).map(({ address }) => address);
    expect(new Set(asked)).toEqual(new Set([server.primary, thirdServer.primary, otherServer.primary]));
  });

  it('[CL-U-11] asks nobody once it is stopped', () => {
    const { world } = failedOver();
    world.qualification.stop(world.now);
    expect(world.qualification.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a client with several servers', () => {
  it('[CL-C-09][SEC-32] begins again when its server has another address', () => {
    const world = new World({ servers: [server] }).start();
    world.qualification.replaceServers([otherServer], world.now);
    world.settle();
    expect(world.qualification.assignment?.server).toEqual(otherServer);
    expect(kinds(world).slice(-3)).toEqual(['address-lost', 'qualification-started', 'address-assigned']);
  });

  it('keeps its address when only other servers have other addresses', () => {
    const world = new World({ servers: [thirdServer, server] });
    world.mappingTowards = (address) => (address >>> 8 === thirdServer.primary >>> 8 ? undefined : mapped);
    world.start().pass(12_000);
    const before = world.outputs.events.length;
    world.qualification.replaceServers([otherServer, server], world.now);
    world.settle();
    expect(world.outputs.events).toHaveLength(before);
    expect(world.qualification.server).toEqual(server);
    world.pass(12 * minute);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
  });

  it('tries at once while off-line when one of its servers has another address', () => {
    const world = new World({ servers: [thirdServer, server] });
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.start().pass(24_000);
    expect(world.qualification.state.kind).toBe('off-line');
    world.qualification.replaceServers([thirdServer, otherServer], world.now);
    world.pass(12_000);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
  });

  it('goes on with the attempt under way when only other servers have other addresses', () => {
    const world = new World({ servers: [server, thirdServer] });
    world.mappingTowards = () => undefined;
    world.start().pass(1_000);
    const before = world.outputs.events.length;
    world.qualification.replaceServers([server, otherServer], world.now);
    expect(world.outputs.events).toHaveLength(before);
    expect(world.qualification.state.kind).toBe('soliciting-primary');
  });

  it('tries the first one again after the network changed', () => {
    const world = new World({ servers });
    world.mappingTowards = () => undefined;
    world.start().pass(24_000);
    expect(world.qualification.state.kind).toBe('off-line');
    world.pass(1_000);
    world.solicitations.length = 0;
    world.qualification.networkChanged(world.now);
    world.settle();
    expect(world.solicitations.map(({ address }) => address)).toEqual([server.primary]);
  });

  it('sees with its new local endpoint that there is no NAT any more', () => {
    const world = new World().start();
    expect(world.qualification.assignment?.nat).toBe('restricted');
    world.mappingTowards = () => endpoint('192.0.2.9:4096');
    world.qualification.networkChanged(world.now, endpoint('192.0.2.9:4096'));
    world.settle();
    expect(world.qualification.assignment?.nat).toBe('none');
  });
});
