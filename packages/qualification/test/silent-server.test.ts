import { Ipv4Policy, type Ipv4Value } from '@navalis/address';
import { Counters } from '@navalis/engine';
import { RecordingOutputs } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { Qualification, type QualificationOptions } from '../src/index.ts';
import { endpoint, ipv4, local, mapped, otherServer, SteadyRandom, server, World } from './world.ts';

const silent = (): undefined => undefined;
const minute = 60_000;
const thirdServer = { primary: ipv4('198.51.100.120'), secondary: ipv4('198.51.100.121') };
const only =
  (...alive: readonly { primary: Ipv4Value; secondary: Ipv4Value }[]) =>
  (address: Ipv4Value) =>
    alive.some((each) => Object.values(each).includes(address)) ? mapped : undefined;

/** Lets time pass while a peer is heard once a second. */
function passWithPeer(world: World, ms: number): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    world.witness.lastReceptionAt = world.now;
    world.pass(1_000);
  }
}

/** A qualified client at the moment when its first refresh is due. */
function atRefresh(options: ConstructorParameters<typeof World>[0] = {}, seed = 1): World {
  const world = new World(options, seed).start();
  world.pass(world.untilDeadline - 1);
  world.solicitations.length = 0;
  world.outputs.events.length = 0;
  return world;
}

describe('a client whose only server is silent', () => {
  it('[CL-M-11] asks 12 times, 1 s apart, and is off-line after 12 s when nobody is heard', () => {
    const world = atRefresh();
    world.mappingTowards = silent;
    const start = world.now + 1;
    world.pass(12_000);
    expect(world.kind).toBe('refreshing');
    expect(world.solicitations.map(({ at }) => at - start)).toEqual([
      0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 11_000,
    ]);
    world.pass(1);
    expect(world.eventKinds()).toEqual(['address-lost', 'off-line', 'new-port-wanted']);
    expect(world.qualification.state).toMatchObject({ kind: 'off-line', reason: 'server-silent' });
  });

  it('[CL-M-11] keeps its address when the last of them is answered', () => {
    const world = atRefresh();
    world.mappingTowards = silent;
    world.pass(11_000);
    world.mappingTowards = () => mapped;
    world.pass(1);
    expect(world.kind).toBe('qualified');
    expect(world.eventKinds()).toEqual([]);
  });

  it('[CL-M-11] takes an answer that is 4 s late for one', () => {
    const world = atRefresh();
    world.now += 1;
    world.qualification.handleDeadline(world.now);
    const [first] = world.outputs.takeDatagrams();
    world.mappingTowards = silent;
    world.pass(4_000);
    world.answer(first!, mapped);
    expect(world.drops.at(-1)).toBeUndefined();
    expect(world.kind).toBe('qualified');
  });

  it('[CL-S-14] takes no answer to a solicitation for one that five others followed', () => {
    const world = atRefresh();
    world.now += 1;
    world.qualification.handleDeadline(world.now);
    const [first] = world.outputs.takeDatagrams();
    world.mappingTowards = silent;
    world.pass(5_000);
    world.answer(first!, mapped);
    expect(world.drops.at(-1)).toBe('nonce-mismatch');
    expect(world.kind).toBe('refreshing');
  });

  it('[CL-M-14] keeps its address while peers are heard, asks each 5 s, and says so once', () => {
    const world = atRefresh();
    const { assignment } = world.qualification;
    world.mappingTowards = silent;
    passWithPeer(world, 30 * minute);
    expect(world.qualification.assignment).toBe(assignment);
    expect(world.outputs.events).toEqual([
      { kind: 'server-unheard', server: server.primary, address: assignment!.address },
    ]);
    const later = world.solicitations.slice(20).map(({ at }) => at);
    expect(new Set(later.slice(1).map((at, index) => at - later[index]!))).toEqual(new Set([5_000]));
    world.mappingTowards = () => mapped;
    passWithPeer(world, 6_000);
    expect(world.kind).toBe('qualified');
    expect(world.eventKinds()).toEqual(['server-unheard', 'server-heard']);
    // And again in the next silence.
    world.mappingTowards = silent;
    passWithPeer(world, minute);
    expect(world.eventKinds()).toEqual(['server-unheard', 'server-heard', 'server-unheard']);
  });

  it('[CL-M-14] is off-line when no peer was heard for 30 s', () => {
    const world = atRefresh();
    world.mappingTowards = silent;
    passWithPeer(world, minute);
    const last = world.witness.lastReceptionAt;
    world.pass(28_999);
    expect(world.kind).toBe('refreshing');
    while (world.kind === 'refreshing') world.pass(100);
    expect(world.eventKinds()).toContain('off-line');
    expect(world.now - last).toBeLessThan(36_000);
  });

  /** A client 12 s after its unanswered refresh began: just when it decides whether it goes on. */
  function decide(prepare: (world: World, start: number) => void, options: Partial<QualificationOptions> = {}): string {
    const world = new World(options, new SteadyRandom()).start();
    world.mappingTowards = silent;
    world.pass(26_250);
    prepare(world, world.now);
    world.pass(11_999);
    expect(world.kind).toBe('refreshing');
    world.pass(1);
    return world.kind;
  }

  it.each([
    [17_999, 'refreshing'],
    [18_000, 'off-line'],
  ])('[CL-M-14] a peer heard %d ms before the refresh of 12 s leaves it %s', (ms, kind) => {
    const decided = decide((world, start) => {
      world.witness.lastReceptionAt = start - ms;
    });
    expect(decided).toBe(kind);
  });

  it.each([
    [-1, 'off-line'],
    [0, 'refreshing'],
  ])('[CL-M-14] a peer heard %d ms after the network changed leaves it %s', (ms, kind) => {
    const decided = decide((world, start) => {
      world.qualification.networkChanged(start);
      world.witness.lastReceptionAt = start + ms;
    });
    expect(decided).toBe(kind);
  });

  it.each([
    [0, 'off-line'],
    [1, 'refreshing'],
  ])('[CL-M-13][CL-M-14] a datagram of the server %d ms after the refresh began leaves it %s', (ms, kind) => {
    expect(decide((world, start) => world.qualification.recordServerInteraction(start + ms))).toBe(kind);
  });

  it.each([
    [2_000, 32_000],
    [2_001, 37_000],
  ])(
    '[CL-M-13][CL-M-14] is off-line when its server said nothing for 30 s at one of the checks each 5 s: a datagram after %d ms',
    (ms, end) => {
      const world = new World({}, new SteadyRandom()).start();
      world.mappingTowards = silent;
      world.pass(26_250);
      const start = world.now;
      world.pass(ms);
      world.qualification.recordServerInteraction(world.now);
      while (world.kind === 'refreshing') world.pass(world.untilDeadline);
      expect(world.now - start).toBe(end);
    },
  );

  it('[CL-M-14] is off-line after 12 s without a witness', () => {
    const outputs = new RecordingOutputs();
    const policy = new Ipv4Policy({ strictness: 'rfc4380' });
    const quiet = new Qualification({ servers: [server], local, policy }, outputs, new Counters(), new SteadyRandom());
    const world = new World();
    Object.assign(world, { qualification: quiet, outputs });
    world.start();
    world.mappingTowards = silent;
    world.pass(26_250 + 12_000);
    expect(world.kind).toBe('off-line');
  });

  it('[CL-M-14][CL-M-09] still changes its address when an answer shows another mapping', () => {
    const world = atRefresh();
    world.mappingTowards = silent;
    passWithPeer(world, 2 * minute);
    world.mappingTowards = () => endpoint('192.0.2.1:4097');
    passWithPeer(world, 6_000);
    expect(world.qualification.assignment?.mapped).toEqual(endpoint('192.0.2.1:4097'));
  });

  it('[CL-M-14] does not count what a peer said before the network changed', () => {
    const world = atRefresh();
    world.mappingTowards = silent;
    world.witness.lastReceptionAt = world.now;
    world.pass(100);
    world.qualification.networkChanged(world.now);
    world.pass(12_000);
    expect(world.kind).toBe('off-line');
  });

  it('[CL-M-13][CL-M-14] counts other datagrams of the server, but none from before the refresh', () => {
    const world = atRefresh({ refreshIntervalMs: 10_000 });
    world.mappingTowards = silent;
    world.pass(6_000);
    world.qualification.recordServerInteraction(world.now);
    world.pass(10_000);
    expect(world.kind).toBe('refreshing');
    const unheard = atRefresh({ refreshIntervalMs: 10_000 });
    unheard.mappingTowards = silent;
    unheard.pass(12_001);
    expect(unheard.kind).toBe('off-line');
  });
});

describe('a client whose server is silent while others of its list are not', () => {
  const servers = [server, otherServer, thirdServer];

  it('[CL-C-13] changes over after 12 s to the first that sees its mapping, without a gap', () => {
    const world = atRefresh({ servers });
    world.mappingTowards = only(otherServer, thirdServer);
    world.pass(12_000);
    expect(world.qualification.assignment?.server).toEqual(server);
    world.solicitations.length = 0;
    world.pass(1);
    expect(world.outputs.events).toMatchObject([
      { kind: 'server-replaced', server: otherServer.primary, instead: server.primary },
      { kind: 'address-lost' },
      { kind: 'address-assigned', server: otherServer.primary, mapped },
    ]);
    expect(world.qualification.lastServerInteraction).toBe(world.now);
    expect(world.qualification.server).toEqual(otherServer);
    // Its answer counts as a refresh.
    world.pass(22_499);
    expect(world.solicitations).toEqual([]);
  });

  it('[CL-C-13] asks a single other one until it has answered, and takes an answer that is 4 s late', () => {
    const world = atRefresh({ servers: [server, otherServer] });
    const start = world.now + 1;
    world.mappingTowards = silent;
    world.pass(6_001);
    const asked = world.solicitations.filter(({ address }) => address === otherServer.primary);
    world.answer(asked[0]!.datagram, mapped);
    expect(world.drops.at(-1)).toBeUndefined();
    world.pass(6_000);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
    expect(asked.map(({ at }) => at - start)).toEqual([2_000, 3_000, 4_000, 5_000, 6_000]);
  });

  it('[CL-C-13] takes no answer of another one after that of its server', () => {
    const world = atRefresh({ servers: [server, otherServer] });
    world.mappingTowards = silent;
    world.pass(2_001);
    const { datagram } = world.solicitations.find(({ address }) => address === otherServer.primary)!;
    world.mappingTowards = only(server);
    world.pass(1_000);
    expect(world.kind).toBe('qualified');
    world.answer(datagram, mapped);
    expect(world.drops.at(-1)).toBe('unsolicited-router-advertisement');
  });

  it('[CL-C-13] within 42 s of the last answer, whether peers are heard or not', () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new World({ servers }, seed).start();
      const start = world.now;
      world.mappingTowards = only(otherServer);
      if (seed % 2 === 0) passWithPeer(world, 43_000);
      else world.pass(43_000);
      const { lastServerInteraction, assignment } = world.qualification;
      expect(assignment?.server).toEqual(otherServer);
      expect(lastServerInteraction - start).toBeLessThanOrEqual(42_000);
    }
  });

  it('[CL-C-13] asks them from the third solicitation on, each until it has answered', () => {
    const world = atRefresh({ servers });
    const start = world.now + 1;
    world.mappingTowards = only(otherServer);
    world.pass(12_000);
    const askedAt = ({ primary }: typeof server) =>
      world.solicitations.filter(({ address }) => address === primary).map(({ at }) => at - start);
    expect(askedAt(otherServer)).toEqual([2_000]);
    expect(askedAt(thirdServer)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((second) => second * 1_000));
  });

  it('[CL-C-13] stays when its server answers in time, and asks the others no more', () => {
    const world = atRefresh({ servers });
    world.mappingTowards = only(otherServer);
    world.pass(11_000);
    world.mappingTowards = () => mapped;
    world.pass(1_000);
    expect(world.qualification.assignment?.server).toEqual(server);
    world.solicitations.length = 0;
    world.pass(10 * minute);
    expect(new Set(world.solicitations.map(({ address }) => address))).toEqual(new Set([server.primary]));
    expect(world.outputs.events).toEqual([]);
  });

  it('[CL-C-13] does not change over to one that sees another mapping while peers are heard', () => {
    const world = atRefresh({ servers: [server, otherServer] });
    const { assignment } = world.qualification;
    world.mappingTowards = (address) =>
      Object.values(server).includes(address) ? undefined : endpoint('192.0.2.1:5000');
    passWithPeer(world, 5 * minute);
    expect(world.qualification.assignment).toBe(assignment);
    expect(world.eventKinds()).toEqual(['server-unheard']);
    // Without peers it is tried, as any other server is.
    world.mappingTowards = (address) =>
      Object.values(server).includes(address) ? undefined : endpoint('192.0.2.1:5000');
    world.pass(minute);
    expect(world.qualification.assignment).toMatchObject({ server: otherServer, mapped: endpoint('192.0.2.1:5000') });
  });

  it('[CL-C-13][CL-S-03] believes none of them without the nonce that it was sent, nor without an origin', () => {
    for (const change of [{ nonce: new Uint8Array(8) }, { origin: undefined }]) {
      const world = atRefresh({ servers: [server, otherServer] });
      world.mappingTowards = only(otherServer);
      world.alter = () => change;
      passWithPeer(world, minute);
      expect(world.qualification.assignment?.server).toEqual(server);
      expect(world.eventKinds()).toEqual(['server-unheard']);
    }
  });

  it('[CL-C-09][CL-C-13] goes on to a preferred one that is alive again while the one in use is silent', () => {
    const world = new World({ servers: [server, otherServer] });
    world.mappingTowards = only(otherServer);
    world.start().pass(12_000);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
    // Just when it is asked whether it is back, and does not answer in time.
    world.pass(9 * minute);
    world.mappingTowards = only(server);
    world.pass(43_000);
    expect(world.qualification.assignment?.server).toEqual(server);
  });

  it('[CL-C-13][SEC-02] takes one answer of each, and only to what was asked', () => {
    const world = atRefresh({ servers: [server, otherServer] });
    world.mappingTowards = silent;
    world.pass(2_001);
    world.now += 1_000;
    world.qualification.handleDeadline(world.now);
    const asked = world.outputs.takeDatagrams().find(({ address }) => address === otherServer.primary)!;
    world.answer(asked, endpoint('192.0.2.1:5000'));
    expect(world.drops.at(-1)).toBeUndefined();
    // The same nonce again, with the mapping that would have it chosen.
    world.answer(asked, mapped);
    expect(world.drops.at(-1)).toBe('unsolicited-router-advertisement');
    world.pass(12_000);
    expect(world.eventKinds()).not.toContain('server-replaced');
  });

  it('[CL-C-13] says that a server is silent again after it has changed over and back', () => {
    const world = atRefresh({ servers: [server, otherServer] });
    world.mappingTowards = silent;
    passWithPeer(world, minute);
    world.mappingTowards = only(otherServer);
    while (world.qualification.assignment?.server === server) passWithPeer(world, 1_000);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
    world.mappingTowards = silent;
    passWithPeer(world, minute);
    expect(world.eventKinds().filter((kind) => kind === 'server-unheard')).toHaveLength(2);
  });

  it('[CL-C-09][CL-C-13] believes an answer to a refresh-time question of a server that is also probed', () => {
    const world = new World({ servers: [server, otherServer], refreshIntervalMs: 3_600_000 });
    world.mappingTowards = only(otherServer);
    world.start().pass(12_000);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
    // Until the first probe is on its way, and unanswered.
    world.mappingTowards = silent;
    world.solicitations.length = 0;
    while (world.solicitations.length === 0) world.pass(100);
    world.qualification.refresh(world.now);
    // Between two transmissions of the probe, the refresh asks too.
    world.pass(2_500);
    world.mappingTowards = only(server);
    world.pass(10_500);
    expect(world.eventKinds()).toContain('server-replaced');
    expect(world.qualification.assignment?.server).toEqual(server);
    expect(world.drops).not.toContain('nonce-mismatch');
  });

  it('[CL-C-09] says why the answer to a probe is invalid, also while that server is asked at a refresh', () => {
    const world = new World({ servers: [server, otherServer], refreshIntervalMs: 3_600_000 });
    world.mappingTowards = only(otherServer);
    world.start().pass(12_000);
    world.mappingTowards = silent;
    world.solicitations.length = 0;
    while (world.solicitations.length === 0) world.pass(100);
    const [probe] = world.solicitations;
    world.qualification.refresh(world.now);
    world.pass(2_500);
    world.alter = () => ({ prefixes: [] });
    world.answer(probe!.datagram, mapped);
    expect(world.drops.at(-1)).toBe('invalid-router-advertisement');
  });

  it('[CL-C-13] does not take the server in use for another one that is listed with the same primary address', () => {
    const sameAgain = { primary: server.primary, secondary: otherServer.secondary };
    const world = atRefresh({ servers: [server, sameAgain] });
    world.mappingTowards = silent;
    world.pass(5_500);
    world.mappingTowards = () => mapped;
    world.pass(10_000);
    expect(world.kind).toBe('qualified');
    expect(world.eventKinds()).toEqual([]);
    expect(world.drops).not.toContain('nonce-mismatch');
  });

  it('[CL-C-13] begins again with the next server when all are silent and no peer is heard', () => {
    const world = atRefresh({ servers: [server, otherServer] });
    world.mappingTowards = silent;
    world.pass(12_001);
    expect(world.eventKinds()).toEqual(['address-lost', 'off-line', 'new-port-wanted', 'qualification-started']);
    expect(world.qualification.server).toEqual(otherServer);
  });

  it('[CL-C-09] asks the server that was left whether it is back, also when it is not the first of the list', () => {
    const world = new World({ servers });
    world.mappingTowards = only(otherServer, thirdServer);
    world.start().pass(13_000);
    world.mappingTowards = only(thirdServer);
    world.pass(43_000);
    expect(world.qualification.assignment?.server).toEqual(thirdServer);
    world.mappingTowards = only(otherServer, thirdServer);
    world.pass(40 * minute);
    expect(world.qualification.assignment?.server).toEqual(otherServer);
  });
});
