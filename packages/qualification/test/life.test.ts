import { formatIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { connectivityStatus, type QualificationOptions } from '../src/index.ts';
import { ipv4, mapped, otherServer, SteadyRandom, server, World } from './world.ts';

const silent = (): undefined => undefined;
const onlyPrimary = (address: number) => (address === server.primary ? mapped : undefined);
const statusOf = (world: World) => connectivityStatus(world.qualification.state);

/** A client in each state that has a deadline, a millisecond after it entered it. */
const states: readonly [string, () => World][] = [
  ['soliciting-cone', () => reach({ trustsConeBit: true }, silent, 1)],
  ['soliciting-primary', () => reach({}, silent, 1)],
  ['soliciting-secondary', () => reach({}, onlyPrimary, 1)],
  ['qualified', () => reach({}, () => mapped, 1)],
  ['refreshing', refreshing],
  ['off-line', () => reach({}, silent, 12_001)],
];

function reach(options: Partial<QualificationOptions>, respond: World['mappingTowards'], ms: number): World {
  const world = new World(options, new SteadyRandom());
  world.mappingTowards = respond;
  world.start().pass(ms);
  return world;
}

function refreshing(): World {
  const world = reach({}, () => mapped, 0);
  world.mappingTowards = silent;
  world.pass(26_251);
  return world;
}

describe('the states of a client', () => {
  it.each(states)('[CL-Q-06] a call before the deadline changes nothing: %s', (kind, reached) => {
    const world = reached();
    const { state } = world.qualification;
    expect(state.kind).toBe(kind);
    const events = world.outputs.events.length;
    world.qualification.handleDeadline(world.now);
    expect(world.qualification.state).toBe(state);
    expect(world.outputs.datagrams).toEqual([]);
    expect(world.outputs.events).toHaveLength(events);
  });

  it.each([
    ['soliciting-cone', 'starting'],
    ['soliciting-primary', 'starting'],
    ['soliciting-secondary', 'starting'],
    ['qualified', 'qualified'],
    ['refreshing', 'qualified'],
    ['off-line', 'off-line'],
  ])('[CL-Q-01] %s is called %s', (kind, status) => {
    expect(statusOf(states.find(([each]) => each === kind)![1]())).toBe(status);
  });

  it('[CL-Q-01] has no deadline and sends nothing before the start, whatever is called', () => {
    const world = new World();
    const { state } = world.qualification;
    world.qualification.handleDeadline(world.now);
    world.qualification.networkChanged(world.now);
    world.qualification.refresh(world.now);
    world.qualification.replaceServers([otherServer], world.now);
    world.qualification.replaceServers([server, otherServer], world.now);
    expect(world.qualification.state).toBe(state);
    expect(statusOf(world)).toBe('initial');
    expect(world.qualification.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(world.outputs.datagrams).toEqual([]);
    expect(world.outputs.events).toEqual([]);
  });

  it('[CL-Q-04] the link-local address holds the local endpoint and no flag before the start', () => {
    // 10.0.0.2 and port 49152, all bits inverted.
    expect(formatIpv6(new World().qualification.linkLocal)).toBe('fe80::3fff:f5ff:fffd');
  });

  it('[CL-Q-02] a second start changes nothing', () => {
    const world = reach({}, silent, 1);
    const { state } = world.qualification;
    world.qualification.start(world.now);
    expect(world.qualification.state).toBe(state);
    expect(world.outputs.datagrams).toEqual([]);
    expect(world.eventKinds()).toEqual(['qualification-started']);
  });

  it('[CL-Q-01] tells since when the status holds: from the first solicitation of an attempt, over refreshes, to the stop', () => {
    const world = new World({}, new SteadyRandom());
    expect(world.qualification.since).toBe(0);
    world.mappingTowards = silent;
    world.start().pass(11_999);
    expect(world.qualification.since).toBe(1_000);
    world.pass(1);
    expect([statusOf(world), world.qualification.since]).toEqual(['off-line', 13_000]);
    world.pass(1_500);
    expect([statusOf(world), world.qualification.since]).toEqual(['starting', 14_000]);
    world.mappingTowards = () => mapped;
    world.pass(60_000);
    expect([statusOf(world), world.qualification.since]).toEqual(['qualified', 18_000]);
    world.qualification.stop(world.now);
    expect([statusOf(world), world.qualification.since]).toEqual(['initial', 74_500]);
  });

  it('[CL-U-11] has no address any more when it reports the loss', () => {
    const world = new World().start();
    const seen: unknown[] = [];
    const { report } = world.outputs;
    world.outputs.report = (event) => {
      if (event.kind === 'address-lost') seen.push(world.qualification.assignment, statusOf(world));
      report.call(world.outputs, event);
    };
    world.qualification.stop(world.now);
    expect(seen).toEqual([undefined, 'initial']);
  });

  it('[CL-S-14] takes no answer once it is off-line', () => {
    const world = reach({}, silent, 12_500);
    world.answer(world.solicitations.at(-1)!.datagram, mapped);
    expect(world.drops).toEqual(['unsolicited-router-advertisement']);
    expect(world.qualification.lastServerInteraction).toBe(Number.NEGATIVE_INFINITY);
  });

  it('[CL-M-12] checks nothing while there is no address', () => {
    for (const [kind, reached] of states.filter(([each]) => each.startsWith('soliciting') || each === 'off-line')) {
      const world = reached();
      world.qualification.refresh(world.now);
      expect(world.kind).toBe(kind);
      expect(world.outputs.datagrams).toEqual([]);
    }
  });
});

describe('a change of the network', () => {
  it.each([
    ['soliciting-cone', 'soliciting-cone'],
    ['soliciting-primary', 'soliciting-primary'],
    ['soliciting-secondary', 'soliciting-primary'],
    ['off-line', 'soliciting-primary'],
  ])('[CL-Q-28] begins the procedure again from %s', (from, to) => {
    const world = states.find(([each]) => each === from)![1]();
    world.outputs.events.length = 0;
    world.qualification.networkChanged(world.now);
    expect(world.qualification.state).toMatchObject({ kind: to, transmissions: 1, deadline: world.now + 4_000 });
    expect(world.outputs.datagrams.map(({ address }) => address)).toEqual([server.primary]);
    expect(world.eventKinds()).toEqual(['qualification-started']);
  });

  it('[CL-M-12][CL-M-11] begins a refresh under way again, with 12 solicitations, and forgets those before', () => {
    const world = refreshing();
    world.pass(8_000);
    const { assignment } = world.qualification;
    const before = world.solicitations.at(-1)!.datagram;
    world.qualification.networkChanged(world.now);
    expect(world.outputs.datagrams).toHaveLength(1);
    world.settle();
    world.answer(before, mapped);
    expect(world.drops.at(-1)).toBe('nonce-mismatch');
    world.pass(11_999);
    expect(world.qualification.assignment).toBe(assignment);
    world.pass(1);
    expect(world.kind).toBe('off-line');
  });

  it('[CL-C-09] goes back to the first server of the list while there is no address', () => {
    const world = reach({ servers: [server, otherServer] }, silent, 13_000);
    expect(world.qualification.server).toBe(otherServer);
    world.qualification.networkChanged(world.now);
    expect(world.qualification.server).toBe(server);
  });

  it('[CL-C-09][CL-M-12] asks the server of the address, also when it is a later one of the list', () => {
    const other = (address: number) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    const world = reach({ servers: [server, otherServer] }, other, 13_000);
    const { assignment } = world.qualification;
    world.qualification.networkChanged(world.now);
    expect(world.outputs.datagrams.map(({ address }) => address)).toEqual([otherServer.primary]);
    world.settle();
    expect(world.qualification.assignment).toBe(assignment);
  });

  it('[CL-C-13] does not count what another server saw of the mapping before it', () => {
    const world = reach({ servers: [server, otherServer] }, () => mapped, 0);
    world.mappingTowards = (address) => (Object.values(otherServer).includes(address) ? mapped : undefined);
    world.pass(26_250 + 5_000);
    world.mappingTowards = silent;
    world.qualification.networkChanged(world.now);
    world.pass(12_000);
    expect(world.eventKinds()).not.toContain('server-replaced');
    expect(world.eventKinds()).toContain('off-line');
  });
});

describe('the addresses of servers that are replaced', () => {
  it.each([
    ['primary', { primary: ipv4('203.0.113.99'), secondary: server.secondary }],
    ['secondary', { primary: server.primary, secondary: ipv4('203.0.113.99') }],
  ])('[CL-C-09] are another server when the %s one differs', (_, replacement) => {
    const world = new World({ servers: [server] }).start();
    world.mappingTowards = silent;
    world.qualification.replaceServers([replacement], world.now);
    expect(world.eventKinds().slice(-2)).toEqual(['address-lost', 'qualification-started']);
    expect(world.qualification.server).toBe(replacement);
  });

  it('[CL-C-13] are asked in place of the former ones while the server in use is silent', () => {
    const third = { primary: ipv4('198.51.100.120'), secondary: ipv4('198.51.100.121') };
    const world = new World({ servers: [server, otherServer, third] }, new SteadyRandom()).start();
    world.qualification.replaceServers([server, otherServer], world.now);
    world.mappingTowards = silent;
    world.pass(26_250 + 3_500);
    world.qualification.replaceServers([server, third], world.now);
    world.solicitations.length = 0;
    world.pass(1_000);
    expect(world.solicitations.map(({ address }) => address)).toEqual([server.primary, third.primary]);
  });

  it('[CL-M-14] let a silence of the next server be reported as that of the one before was', () => {
    const world = new World({ servers: [server] }, new SteadyRandom()).start();
    const peerIsHeard = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        world.witness.lastReceptionAt = world.now;
        world.pass(1_000);
      }
    };
    world.mappingTowards = silent;
    peerIsHeard(60_000);
    world.mappingTowards = () => mapped;
    world.qualification.replaceServers([otherServer], world.now);
    world.settle();
    world.mappingTowards = silent;
    peerIsHeard(60_000);
    const unheard = world.outputs.events.filter(({ kind }) => kind === 'server-unheard');
    expect(unheard).toMatchObject([{ server: server.primary }, { server: otherServer.primary }]);
  });
});
