import { parseIpv4, parseIpv6 } from '@navalis/address';
import { writeIcmpv6Checksum } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import type { Findings } from '../src/index.ts';
import { type Datagram, found, primary, relay, secondary, World, type WorldOptions } from './world.ts';

/** Times at which something was sent, from the first on. */
function spacings(sent: readonly Datagram[]): number[] {
  return sent.map(({ at }) => at - sent[0]!.at);
}

const isSolicitation = ({ payload }: Datagram) => payload[0] === 0;
const isDeadFrom = (stage: string) => {
  let isDead = false;
  return (datagram: Datagram) => {
    isDead ||= datagram.stage === stage;
    return !isDead;
  };
};

describe('the stages of a probe', () => {
  it('follow each other, and each says when it is over', () => {
    const world = found({ lifetimeLimitSeconds: 20 });
    expect(world.stages.map(([stage]) => stage)).toEqual([
      'mapping',
      'forwarding',
      'filtering',
      'hairpinning',
      'native',
      'size',
      'lifetime',
    ]);
    expect(world.probe.isDone).toBe(true);
    expect(world.probe.stage).toBe('done');
    expect(world.probe.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(world.probe.findings).toMatchObject({
      throughServer: 'passes',
      fromUnknownAddress: 'filtered',
      fromOtherPort: 'filtered',
      displacesMapping: false,
      hairpins: false,
      native: 'answers',
      largePackets: 'passes',
      survivedSeconds: 20,
      expiredSeconds: undefined,
      foreignAddress: undefined,
    });
    expect(world.probe.verdict).toMatchObject({ nat: 'port-restricted', isUsable: true, limits: [] });
  });

  it('skip the stages that need a NAT', () => {
    const world = found({ nat: 'none', lifetimeLimitSeconds: 20 });
    expect(world.stages.map(([stage]) => stage)).toEqual(['mapping', 'forwarding', 'native', 'size']);
    expect(world.probe.verdict).toMatchObject({ nat: 'none', limits: [], preservesPorts: true });
  });

  it('end after the mapping behind a symmetric NAT', () => {
    const world = found({ nat: 'symmetric' });
    expect(world.stages.map(([stage]) => stage)).toEqual(['mapping']);
    expect(world.probe.verdict.isUsable).toBe(false);
  });

  it('skip filtering and hairpinning behind a symmetric NAT where the client supports it', () => {
    const world = found({ nat: 'symmetric', symmetricNatSupport: true, relayNonce: 0x1234_5678 });
    expect(world.stages.map(([stage]) => stage)).toEqual(['mapping', 'forwarding', 'native', 'size']);
    expect(world.probe.findings).toMatchObject({ throughServer: 'passes', native: 'answers', largePackets: 'passes' });
    expect(world.probe.verdict).toMatchObject({ isUsable: true, limits: ['symmetric-nat'] });
    expect(world.probe.verdict.meaning).toMatch(/Some peers do not reach this host directly at all\.$/);
    const lifetime = { nat: 'symmetric', symmetricNatSupport: true, lifetimeLimitSeconds: 20 } as const;
    expect(found(lifetime).probe.findings.survivedSeconds).toBe(20);
  });

  it('tell a relay without support for symmetric NATs from a firewall', () => {
    const receives: WorldOptions['receives'] = (datagram) =>
      datagram.remote.address === relay.address ? [] : [datagram];
    const said = (nat: 'symmetric' | 'port-restricted') =>
      found({ nat, symmetricNatSupport: true, receives }).probe.verdict;
    expect(said('symmetric').limits).toEqual(['relay-unheard', 'symmetric-nat']);
    expect(said('symmetric').meaning).toContain('it may not support symmetric NATs');
    expect(said('port-restricted').limits).toEqual(['relay-unheard']);
    expect(said('port-restricted').meaning).not.toContain('symmetric NATs (RFC 6081)');
  });

  it('send no echo without a target', () => {
    const world = found({ nativeTarget: undefined, lifetimeLimitSeconds: 20 });
    expect(world.stages.map(([stage]) => stage)).toEqual([
      'mapping',
      'forwarding',
      'filtering',
      'hairpinning',
      'lifetime',
    ]);
    expect(world.probe.findings).toMatchObject({ native: undefined, largePackets: undefined });
  });

  it('stand still before the start and after the end', () => {
    const world = new World();
    expect(world.probe.stage).toBe('initial');
    expect(world.probe.isDone).toBe(false);
    expect(world.probe.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    world.probe.handleDeadline(5000);
    expect(world.sent).toEqual([]);
    expect(world.probe.stage).toBe('initial');
    world.run();
    const lengths = [world.sent.length, world.stages.length];
    world.probe.handleDeadline(1e9);
    world.probe.handleDatagram(0, world.sent[0]!.payload, { address: primary, port: 3544 }, 1e9);
    expect([world.sent.length, world.stages.length]).toEqual(lengths);
    expect(world.probe.isDone).toBe(true);
  });

  it('end as soon as the awaited exchanges end', () => {
    const world = found({ nat: 'cone', hairpins: true });
    // One round trip each but for the echo, which takes two more through the relay.
    expect(world.now).toBeLessThan(300);
  });
});

describe('mapping', () => {
  it('asks both addresses from four sockets at port 3544', () => {
    const world = found({ nat: 'symmetric' });
    const asked = world.sentIn('mapping').map(({ socket, remote }) => [socket, remote.address, remote.port]);
    expect(asked.sort()).toEqual(
      [0, 1, 2, 3].flatMap((socket) => [
        [socket, primary, 3544],
        [socket, secondary, 3544],
      ]),
    );
    expect(world.probe.findings.mappings.map(({ local }) => local.port)).toEqual([50_000, 50_001, 50_002, 50_003]);
  });

  it('asks with a nonce alone, from a link-local address with the local endpoint', () => {
    const [first] = found({ nat: 'symmetric' }).sent;
    // Authentication with 8 octets of nonce; fe80::/64, no flags, port 50000 and 192.168.1.5 inverted; ff02::2.
    expect(hex(first!.payload)).toMatch(
      /^00010000[0-9a-f]{16}006000000000083afffe8000000000000000003caf3f57fefaff020000000000000000000000000002\w{16}$/,
    );
  });

  it('[CL-N-13] believes no answer at another socket', () => {
    const receives: WorldOptions['receives'] = ({ payload, remote, socket }) => {
      world.probe.handleDatagram((socket + 1) % 6, payload, remote, world.now);
      return [];
    };
    const world: World = new World({ receives });
    expect(world.run().probe.verdict.nat).toBe('blocked');
  });

  it.each([
    ['10.0.0.9', false],
    ['203.0.113.9', true],
  ] as const)('says whether a client can use the mapped address %s', (address, isMappedGlobal) => {
    const world = found({ outsideIn: () => parseIpv4(address)! });
    expect(world.probe.findings.isMappedGlobal).toBe(isMappedGlobal);
    expect(world.probe.verdict).toMatchObject({ isUsable: isMappedGlobal, limits: [] });
    expect(world.probe.verdict.meaning.includes('an address that is not global')).toBe(!isMappedGlobal);
    expect(world.probe.verdict.advice.includes('Use a server outside the network')).toBe(!isMappedGlobal);
    if (!isMappedGlobal) expect(world.stages.map(([stage]) => stage)).toEqual(['mapping']);
  });

  it('takes one mapped address that is not global for enough', () => {
    let count = 0;
    const world = found({ outsideIn: () => parseIpv4(count++ % 4 < 2 ? '203.0.113.9' : '10.0.0.9')! });
    expect(world.probe.findings.isMappedGlobal).toBe(false);
    expect(world.probe.findings.mappings.some(({ byPrimary }) => byPrimary?.address === parseIpv4('203.0.113.9'))).toBe(
      true,
    );
  });

  it('says nothing of an address that nobody saw', () => {
    expect(found({ sends: () => false }).probe.findings.isMappedGlobal).toBe(undefined);
  });

  it.each(['forwarding', 'filtering', 'native'])(
    'sends no bubble for an address that is not global from %s on',
    (from) => {
      let isMoved = false;
      const outsideIn = (stage: string) => {
        isMoved ||= stage === from;
        return parseIpv4(isMoved ? '10.0.0.9' : '203.0.113.9')!;
      };
      const world = found({ outsideIn });
      for (const { payload } of world.sent) {
        if (payload.length === 40)
          expect(hex(payload.subarray(8, 12)) + hex(payload.subarray(24, 28))).not.toContain('00000000');
      }
      expect(world.probe.isDone).toBe(true);
    },
  );

  it('asks seven times, 700 ms apart, and then gives up', () => {
    const world = found({ sends: () => false });
    const main = world.sent.filter(({ socket, remote }) => socket === 0 && remote.address === primary);
    expect(spacings(main)).toEqual([0, 700, 1400, 2100, 2800, 3500, 4200]);
    expect(world.now).toBe(4900);
    expect(world.probe.verdict.nat).toBe('blocked');
  });

  it.each([
    [{ [primary]: secondary, [secondary]: secondary }, 'primary', 'blocked'],
    [{ [secondary]: secondary }, 'secondary', 'half-blocked'],
    [{ [primary]: secondary }, 'primary', 'half-blocked'],
    [{}, undefined, 'port-restricted'],
  ] as const)('[CL-N-13] takes no answer with the prefix of another server: %#', (prefixes, foreignAddress, nat) => {
    const { probe } = found({ prefixes });
    expect(probe.findings.foreignAddress).toBe(foreignAddress);
    expect(probe.verdict.nat).toBe(nat);
  });

  it.each<[string, NonNullable<WorldOptions['receives']>]>([
    ['a wrong first octet of the nonce', flipping(4)],
    ['a wrong last octet of the nonce', flipping(11)],
    ['an origin with port 0', setting(15, 0xff, 0xff)],
    ['a bad checksum', flipping(13 + 8 + 42)],
    ['no origin', cutting(13, 21)],
    ['no Authentication', cutting(0, 13)],
    ['another source address', elsewhere((remote) => ({ ...remote, address: remote.address + 100 }))],
    ['another source port', elsewhere((remote) => ({ ...remote, port: 3545 }))],
    ['the other address of the server', elsewhere(swapped)],
    ['nothing at all', () => []],
    ['a byte only', (datagram) => [{ ...datagram, payload: datagram.payload.slice(0, 1) }]],
  ])('[CL-N-13] believes no answer with %s', (_, receives) => {
    const { probe } = found({ receives });
    expect(probe.verdict.nat).toBe('blocked');
    expect(probe.findings.foreignAddress).toBe(undefined);
    const seen = probe.findings.mappings.map(({ byPrimary, bySecondary }) => byPrimary ?? bySecondary);
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });

  it('[CL-N-13] believes no answer without a prefix', () => {
    const receives: WorldOptions['receives'] = (datagram) => {
      // The length of the advertisement ends before its options.
      const payload = withoutOptions(datagram.payload);
      return [{ ...datagram, payload }];
    };
    const { probe } = found({ receives });
    expect(probe.verdict.nat).toBe('blocked');
    expect(probe.findings.foreignAddress).toBe('primary');
  });

  it('takes the answer to the right question after a forged one', () => {
    const receives: NonNullable<WorldOptions['receives']> = (datagram) => [...flipping(5)(datagram), datagram];
    expect(found({ receives }).probe.verdict.nat).toBe('port-restricted');
  });
});

describe('forwarding', () => {
  it('sends ten bubbles, 250 ms apart, then asks again', () => {
    const world = found({ sends: isSolicitation });
    const bubbles = world.sentIn('forwarding').filter((datagram) => !isSolicitation(datagram));
    expect(bubbles.map(({ socket, payload }) => [socket, payload.length])).toEqual(
      Array.from({ length: 10 }, () => [0, 40]),
    );
    const remotes = new Set(bubbles.map(({ remote }) => `${remote.address}:${remote.port}`));
    expect(remotes).toEqual(new Set([`${primary}:3544`]));
    expect(spacings(bubbles)).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250]);
    const again = world.sentIn('forwarding').at(-1)!;
    expect(isSolicitation(again)).toBe(true);
    expect(again.at - bubbles.at(-1)!.at).toBe(700);
    expect(world.probe.findings.throughServer).toBe('filtered');
    expect(world.probe.verdict.limits).toEqual(['server-forwards-nothing']);
    expect(world.stages.map(([stage]) => stage)).toEqual(['mapping', 'forwarding']);
  });

  it('bears an address of the server and the endpoint, without the cone bit', () => {
    const world = found();
    const [bubble] = world.sentIn('forwarding').filter((datagram) => !isSolicitation(datagram));
    // 2001:0:<server>, flags, port and address inverted: 203.0.113.9 and the ports of the sockets.
    const address = (offset: number) => hex(bubble!.payload.subarray(offset, offset + 16));
    expect(address(8)).toMatch(/^20010000c633640a2851....34ff8ef6$/);
    expect(address(24)).toMatch(/^20010000c633640a2851....34ff8ef6$/);
    expect(address(8)).not.toBe(address(24));
  });

  it('[CL-N-14] is unknown when the server does not answer any more', () => {
    const world = found({ sends: isDeadFrom('forwarding') });
    expect(world.probe.findings.throughServer).toBe('unknown');
    expect(world.probe.verdict.limits).toEqual(['unclear']);
  });

  it('[CL-N-14] is unknown when the server answers before, and not after', () => {
    let bubbles = 0;
    const sends = (datagram: Datagram) => {
      if (!isSolicitation(datagram)) bubbles += 1;
      return bubbles === 0;
    };
    expect(found({ sends }).probe.findings.throughServer).toBe('unknown');
  });

  it('[CL-N-14] is unknown when the server does not answer at first, and answers later', () => {
    const sends = ({ stage, at, socket }: Datagram) => stage !== 'forwarding' || (at > 5000 && socket === 1);
    const { probe } = found({ sends });
    expect(probe.findings.throughServer).toBe('unknown');
  });

  it.each<[string, NonNullable<WorldOptions['receives']>]>([
    ['from another address', elsewhere((remote) => ({ ...remote, address: remote.address + 1 }))],
    ['from another port', elsewhere((remote) => ({ ...remote, port: 3545 }))],
    ['with another source', flipping(8 + 8 + 15)],
    ['with another destination', flipping(8 + 24 + 15)],
    ['with something in it', (datagram) => [{ ...datagram, payload: withPayload(datagram.payload) }]],
  ])('hears no bubble %s', (_, change) => {
    const receives: WorldOptions['receives'] = (datagram) =>
      datagram.payload.length === 48 ? change(datagram) : [datagram];
    expect(found({ receives }).probe.findings.throughServer).toBe('filtered');
  });

  it('hears no bubble at another socket', () => {
    const receives: WorldOptions['receives'] = ({ payload, remote, stage }) => {
      if (payload.length !== 48 || stage !== 'forwarding') return [{ payload, remote }];
      for (const socket of [0, 2, 3, 4, 5]) world.probe.handleDatagram(socket, payload, remote, world.now);
      return [];
    };
    const world: World = new World({ receives });
    expect(world.run().probe.findings.throughServer).toBe('filtered');
  });
});

describe('filtering', () => {
  const kinds = {
    cone: { fromUnknownAddress: 'passes', fromOtherPort: 'passes' },
    'address-restricted': { fromUnknownAddress: 'filtered', fromOtherPort: 'passes' },
    'port-restricted': { fromUnknownAddress: 'filtered', fromOtherPort: 'filtered' },
  } as const;

  it.each(Object.keys(kinds) as (keyof typeof kinds)[])('tells %s', (nat) => {
    const { probe } = found({ nat });
    expect(probe.findings).toMatchObject({ ...kinds[nat], displacesMapping: false });
    expect(probe.verdict.nat).toBe(nat);
  });

  it('does not contact the primary address until its bubbles are over', () => {
    const world = found();
    const fresh = world.sent.filter(({ socket }) => socket === 4);
    expect(fresh.map(({ remote }) => remote.address)).toEqual([secondary, primary]);
    const bubbles = world.sentIn('filtering').filter(({ socket, payload }) => socket === 0 && payload.length === 40);
    expect(fresh[1]!.at - bubbles.at(-1)!.at).toBe(700);
    const other = world.sent.filter(({ socket }) => socket === 5);
    expect(other.map(({ remote }) => remote)).toEqual([
      { address: secondary, port: 3544 },
      ...Array.from({ length: 10 }, () => ({ address: primary, port: 9 })),
    ]);
    // Ten to each of three sockets, one of which is the control.
    expect(bubbles.length).toBe(30);
  });

  it.each(['address-restricted', 'port-restricted'] as const)('[CL-N-15] sees that input displaces: %s', (nat) => {
    const { probe } = found({ nat, displaces: true });
    expect(probe.findings.displacesMapping).toBe(true);
    expect(probe.verdict).toMatchObject({ nat, isUsable: true });
    expect(probe.verdict.limits).toContain('input-displaces-mapping');
  });

  it.each<[string, (datagram: Datagram) => boolean]>([
    [
      'is not seen',
      ({ socket, remote, stage }) => !(stage === 'filtering' && socket === 4 && remote.address === secondary),
    ],
    ['is not seen later', ({ socket, remote }) => !(socket === 4 && remote.address === primary)],
  ])('[CL-N-15] says nothing of displacing when the mapping %s', (_, sends) => {
    expect(found({ sends }).probe.findings.displacesMapping).toBe(undefined);
  });

  it.each([
    [3, 'unknown'],
    [4, 'filtered'],
  ] as const)('[CL-N-14] wants four of ten control bubbles: %i are %s', (arrivals, passage) => {
    let arrived = 0;
    const receives: WorldOptions['receives'] = (datagram) => {
      if (datagram.stage !== 'filtering' || datagram.socket !== 1) return [datagram];
      arrived += 1;
      return arrived <= arrivals ? [datagram] : [];
    };
    const { probe } = found({ receives });
    expect(probe.findings).toMatchObject({ fromUnknownAddress: passage, fromOtherPort: passage });
    expect(probe.findings.displacesMapping).toBe(passage === 'unknown' ? undefined : false);
    expect(probe.verdict.nat).toBe(passage === 'unknown' ? 'restricted' : 'port-restricted');
  });

  it('[CL-N-14] says nothing of a socket whose mapping it does not know', () => {
    const sends = ({ stage, socket, remote }: Datagram) =>
      !(stage === 'filtering' && socket === 5 && remote.address === secondary);
    expect(found({ sends }).probe.findings).toMatchObject({ fromUnknownAddress: 'filtered', fromOtherPort: 'unknown' });
  });

  it('ends at once when both arrive', () => {
    const world = found({ nat: 'cone' });
    expect(
      world.sentIn('filtering').filter(({ socket, payload }) => socket === 0 && payload.length === 40).length,
    ).toBe(3);
  });
});

describe('hairpinning', () => {
  it.each([true, false])('%s', (hairpins) => {
    for (const nat of ['cone', 'address-restricted', 'port-restricted'] as const) {
      expect(found({ nat, hairpins }).probe.findings.hairpins).toBe(hairpins);
    }
  });

  it.each([0, 1])('is enough one way: from socket %i', (from) => {
    const sends = ({ stage, socket, remote }: Datagram) =>
      stage !== 'hairpinning' || remote.address === primary || socket === from;
    expect(found({ nat: 'cone', hairpins: true, sends }).probe.findings.hairpins).toBe(true);
  });

  it('[CL-N-14] is unknown without control', () => {
    let isLocated = 0;
    const sends = (datagram: Datagram) => {
      if (datagram.stage !== 'hairpinning') return true;
      isLocated += 1;
      return isLocated <= 2;
    };
    const world = found({ nat: 'cone', hairpins: true, sends });
    expect(world.probe.findings.hairpins).toBe(undefined);
    expect(world.stages.map(([stage]) => stage)).toContain('hairpinning');
  });

  it.each([0, 1])('[CL-N-14] is unknown without the mapping of socket %i', (lost) => {
    const sends = ({ stage, socket }: Datagram) => stage !== 'hairpinning' || socket !== lost;
    const world = found({ nat: 'cone', hairpins: true, sends });
    expect(world.probe.findings.hairpins).toBe(undefined);
    expect(world.sentIn('hairpinning').filter(({ payload }) => payload.length === 40)).toEqual([]);
    expect(world.stages.map(([stage]) => stage)).toContain('native');
  });

  it('sends from each of two sockets to the mapped endpoint of the other', () => {
    const world = found();
    const straight = world.sentIn('hairpinning').filter(({ remote }) => remote.address === parseIpv4('203.0.113.9'));
    expect(new Set(straight.map(({ socket, remote }) => `${socket}>${remote.port}`)).size).toBe(2);
    expect(straight.length).toBe(20);
    // Other flags than those of the bubbles through the server.
    for (const { payload } of straight) {
      expect(hex(payload.subarray(16, 18)) + hex(payload.subarray(32, 34))).toBe('28522852');
    }
  });
});

describe('a native host', () => {
  it('[CL-N-16] is sent eight echoes, one a second, and given 3 s more', () => {
    const world = found({ hasRelay: false });
    const echoes = world.sentIn('native').filter(({ payload }) => payload.length !== 40);
    expect(spacings(echoes)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000]);
    const paths = new Set(echoes.map(({ remote, socket }) => `${socket} ${remote.address}:${remote.port}`));
    expect(paths).toEqual(new Set([`0 ${primary}:3544`]));
    // IPv6 header, echo header, a nonce of 16 octets; the sequence counts from 1.
    expect(echoes.map(({ payload }) => [payload.length, payload[7], payload[47]])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((sequence) => [64, 64, sequence]),
    );
    expect(hex(echoes[0]!.payload.subarray(44, 46))).toBe('5445');
    // The generator of this test leaves no octet of the nonce 0.
    expect([...echoes[0]!.payload.subarray(48)].filter((octet) => octet === 0)).toEqual([]);
    const controls = world.sentIn('native').filter(({ payload }) => payload.length === 40);
    expect(spacings(controls)).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250]);
    expect(world.now - echoes.at(-1)!.at).toBe(3000);
    expect(world.probe.findings).toMatchObject({ native: 'silent', largePackets: undefined });
    expect(world.probe.verdict.limits).toEqual(['native-silent']);
  });

  it('[CL-N-16] answers its relay with a bubble, straight', () => {
    const world = found();
    const bubbles = world.sent.filter(
      ({ remote, payload }) => remote.address === relay.address && payload.length === 40,
    );
    expect(bubbles.map(({ socket, remote }) => [socket, remote.port])).toEqual([[0, 4000]]);
    const [bubble] = bubbles;
    expect(hex(bubble!.payload.subarray(24, 40))).toBe('2a001450000000000000000000000020');
    expect(hex(bubble!.payload.subarray(8, 18))).toBe('20010000c633640a2851');
  });

  it('[CL-N-16] tells a relay that is not heard', () => {
    const world = found({ sends: ({ remote }) => remote.address !== relay.address });
    expect(world.probe.findings).toMatchObject({ native: 'relay-only', largePackets: undefined });
    expect(world.probe.verdict.limits).toEqual(['relay-unheard']);
    // One answer to each of its bubbles.
    expect(world.sent.filter(({ remote }) => remote.address === relay.address).length).toBe(8);
  });

  it('takes nothing but a bubble for a word of a relay', () => {
    const receives: WorldOptions['receives'] = (datagram) => {
      const { stage, socket, payload } = datagram;
      if (stage !== 'native' || socket !== 0) return [datagram];
      // Instead of the bubble an echo reply with another nonce, through the server.
      const echo = world
        .sentIn('native')
        .find((each) => each.payload.length === 64)!
        .payload.slice();
      echo.set(payload.subarray(8 + 8, 8 + 40), 8);
      echo[40] = 129;
      echo[63]! ^= 1;
      writeIcmpv6Checksum(echo, 0);
      return [{ ...datagram, payload: new Uint8Array([...payload.subarray(0, 8), ...echo]) }];
    };
    const world: World = new World({ receives });
    expect(world.run().probe.findings.native).toBe('silent');
    expect(world.sent.some(({ remote }) => remote.address === relay.address)).toBe(false);
  });

  it('answers ten bubbles at most', () => {
    const receives: WorldOptions['receives'] = (datagram) =>
      datagram.stage === 'native' && datagram.socket === 0 ? Array.from({ length: 4 }, () => datagram) : [datagram];
    const world = found({ receives, sends: ({ remote }) => remote.address !== relay.address });
    expect(world.sent.filter(({ remote }) => remote.address === relay.address).length).toBe(10);
  });

  /** Changes the relay's bubbles, which travel as 48 octets to the main socket. */
  const changing =
    (change: NonNullable<WorldOptions['receives']>): NonNullable<WorldOptions['receives']> =>
    (datagram) =>
      datagram.stage === 'native' && datagram.socket === 0 && datagram.payload.length === 48
        ? change(datagram)
        : [datagram];

  it.each<[string, NonNullable<WorldOptions['receives']>, Findings['native']]>([
    ['from another address', elsewhere((remote) => ({ ...remote, address: remote.address + 1 })), 'silent'],
    ['from another port', elsewhere((remote) => ({ ...remote, port: 3545 })), 'silent'],
    ['to another address', flipping(8 + 24 + 15), 'silent'],
    ['from a Teredo address', setting(8 + 8, 0x20, 0x01, 0, 0), 'silent'],
    ['with an origin that is not global', setting(4, ~10 & 0xff), 'relay-only'],
    ['with an origin of port 0', setting(2, 0xff, 0xff), 'relay-only'],
    ['without an origin', cutting(0, 8), 'relay-only'],
  ])('answers no bubble %s', (_, change, native) => {
    const world = found({ receives: changing(change) });
    expect(world.probe.findings.native).toBe(native);
    expect(
      world.sent.filter(
        ({ remote }) => remote.address !== primary && remote.address !== secondary && remote.address >>> 24 !== 203,
      ),
    ).toEqual([]);
  });

  /** Changes echo replies, which come straight from the relay. */
  const replying =
    (change: NonNullable<WorldOptions['receives']>): NonNullable<WorldOptions['receives']> =>
    (datagram) =>
      datagram.stage === 'native' && datagram.remote.address === relay.address ? change(datagram) : [datagram];

  it.each<[string, NonNullable<WorldOptions['receives']>]>([
    ['with another nonce at its start', rewriting((bytes) => bytes.fill(bytes[48]! ^ 1, 48, 49))],
    ['with another nonce at its end', rewriting((bytes) => bytes.fill(bytes[63]! ^ 1, 63, 64))],
    ['from another host', rewriting((bytes) => bytes.fill(bytes[23]! ^ 1, 23, 24))],
    ['to another address', rewriting((bytes) => bytes.fill(bytes[39]! ^ 1, 39, 40))],
    ['with a bad checksum', flipping(42)],
    [
      'that is shorter',
      (datagram) => rewriting(() => undefined)({ ...datagram, payload: shortened(datagram.payload) }),
    ],
  ])('[CL-N-13] believes no reply %s', (_, change) => {
    expect(found({ receives: replying(change) }).probe.findings.native).toBe('relay-only');
  });

  it('[CL-N-13] believes no reply with more data', () => {
    const longer = (datagram: Datagram) => {
      const payload = new Uint8Array([...datagram.payload, 0]);
      payload[5]! += 1;
      return rewriting(() => undefined)({ ...datagram, payload });
    };
    expect(found({ receives: replying(longer) }).probe.findings.native).toBe('relay-only');
  });

  it('[CL-N-13] believes no reply at another socket', () => {
    const receives: WorldOptions['receives'] = ({ payload, remote, stage }) => {
      if (stage !== 'native' || remote.address !== relay.address) return [{ payload, remote }];
      for (const socket of [1, 2, 3, 4, 5]) world.probe.handleDatagram(socket, payload, remote, world.now);
      return [];
    };
    const world: World = new World({ receives });
    expect(world.run().probe.findings.native).toBe('relay-only');
  });

  it('hears no relay at another socket', () => {
    const receives: WorldOptions['receives'] = ({ payload, remote, stage, socket }) => {
      if (stage !== 'native' || socket !== 0) return [{ payload, remote }];
      for (const other of [1, 2, 3, 4, 5]) world.probe.handleDatagram(other, payload, remote, world.now);
      return [];
    };
    const world: World = new World({ receives });
    expect(world.run().probe.findings.native).toBe('silent');
  });

  it('believes a reply that is rewritten rightly', () => {
    expect(found({ receives: replying(rewriting(() => undefined)) }).probe.findings.native).toBe('answers');
  });

  it('[CL-N-14] is unknown without control, or without its own mapping', () => {
    expect(found({ sends: isDeadFrom('native') }).probe.findings.native).toBe('unknown');
    expect(found({ nat: 'none', sends: isDeadFrom('native') }).probe.findings.native).toBe('unknown');
    const sends = ({ stage, socket }: Datagram) => stage !== 'hairpinning' || socket !== 0;
    expect(found({ sends }).probe.findings.native).toBe('unknown');
    const receives: WorldOptions['receives'] = (datagram) =>
      datagram.stage === 'native' && datagram.socket === 1 ? [] : [datagram];
    expect(found({ hasRelay: false, receives }).probe.findings.native).toBe('unknown');
  });

  it('[CL-N-16] that is silent has one in another network asked, and no other', () => {
    const [answering, silent] = [parseIpv6('2a00:1450::80')!, parseIpv6('2a00:1450::81')!];
    const options = { nativeTarget: silent, otherNativeTarget: answering, silentHost: silent };
    const world = found(options);
    expect(world.stages.map(([stage]) => stage).slice(-2)).toEqual(['native', 'other-native']);
    expect(world.probe.findings).toMatchObject({ native: 'silent', otherNative: 'answers', largePackets: undefined });
    expect(world.probe.verdict.limits).toEqual(['native-silent']);
    const echoes = world.sentIn('other-native').filter(({ payload }) => payload.length === 64);
    expect(new Set(echoes.map(({ payload }) => hex(payload.subarray(24, 40))))).toEqual(
      new Set(['2a001450000000000000000000000080']),
    );
    expect(found({ ...options, hasRelay: false }).probe.findings).toMatchObject({ otherNative: 'silent' });
    const first = found({ ...options, nativeTarget: answering, otherNativeTarget: silent });
    expect(first.probe.findings).toMatchObject({ native: 'answers', otherNative: undefined });
    const lifetime = found({ ...options, lifetimeLimitSeconds: 20 });
    expect(lifetime.stages.map(([stage]) => stage).at(-1)).toBe('lifetime');
  });

  it('is any host that is asked for', () => {
    const nativeTarget = parseIpv6('2a00:1450::81')!;
    const world = found({ nativeTarget });
    // This one does not answer; the other's replies are not its.
    expect(world.probe.findings.native).toBe('relay-only');
  });
});

describe('large packets', () => {
  const isLarge = ({ payload }: Datagram) => payload.length > 100;

  it('[CL-N-17] are 1280 octets, straight to the relay', () => {
    const world = found();
    const [large, ...more] = world.sentIn('size');
    expect(more).toEqual([]);
    expect(large).toMatchObject({ socket: 0, remote: relay });
    expect(large!.payload.length).toBe(1280);
    expect(world.probe.findings.largePackets).toBe('passes');
  });

  it.each([false, true])('[CL-N-17] are filtered if small ones pass: lost on the way back %s', (isBack) => {
    const options: WorldOptions = isBack
      ? { receives: (datagram) => (isLarge(datagram) && datagram.payload.length >= 1280 ? [] : [datagram]) }
      : { sends: (datagram) => datagram.payload.length < 1280 };
    const world = found({ ...options, lifetimeLimitSeconds: 20 });
    expect(world.probe.findings.largePackets).toBe('filtered');
    expect(world.probe.verdict.limits).toEqual(['large-packets-lost']);
    expect(world.sentIn('size').map(({ payload }) => payload.length)).toEqual([
      ...new Array(8).fill(1280),
      64,
      1232,
      1152,
      1024,
      768,
      512,
    ]);
    expect(world.probe.findings.largestPacket).toBe(1232);
    expect(world.stages.map(([stage]) => stage).slice(-2)).toEqual(['size', 'lifetime']);
    expect(world.probe.findings.survivedSeconds).toBe(20);
  });

  it.each([
    [1232, 1232],
    [1200, 1152],
    [600, 512],
    [100, 64],
  ])('[CL-N-17] are lost above %i octets: the largest that passes is found, of some sizes %i', (limit, largest) => {
    const world = found({ sends: ({ payload }) => payload.length <= limit });
    expect(world.probe.findings).toMatchObject({ largePackets: 'filtered', largestPacket: largest });
  });

  it('[CL-N-14] are unknown if small ones do not pass either', () => {
    const world = found({ sends: isDeadFrom('size') });
    expect(world.stages.map(([stage]) => stage)).toContain('size');
    expect(world.probe.findings).toMatchObject({ native: 'answers', largePackets: 'unknown' });
    expect(world.probe.verdict.limits).toEqual(['unclear']);
  });
});

describe('the life of a mapping', () => {
  it.each<[number, number, Partial<Findings>]>([
    [15_000, 600, { survivedSeconds: undefined, expiredSeconds: 20 }],
    [25_000, 600, { survivedSeconds: 20, expiredSeconds: 30 }],
    [100_000, 600, { survivedSeconds: 90, expiredSeconds: 120 }],
    [100_000, 45, { survivedSeconds: 45, expiredSeconds: undefined }],
    [1e9, 600, { survivedSeconds: 600, expiredSeconds: undefined }],
    [1e9, 29, { survivedSeconds: 20, expiredSeconds: undefined }],
    [1e9, 30, { survivedSeconds: 30, expiredSeconds: undefined }],
  ])('of %i ms, looked at for %i s', (lifetimeMs, lifetimeLimitSeconds, expected) => {
    for (const nat of ['cone', 'port-restricted'] as const) {
      const world = found({ nat, lifetimeMs, lifetimeLimitSeconds });
      expect(world.probe.findings).toMatchObject(expected);
      expect(world.stages.at(-1)![0]).toBe('lifetime');
    }
  });

  it('is not looked at unless that is asked for', () => {
    for (const lifetimeLimitSeconds of [0, 19]) {
      expect(found({ lifetimeLimitSeconds }).stages.map(([stage]) => stage)).not.toContain('lifetime');
    }
  });

  it('is tried after 20, 30, 45, 60, 90, 120, 180, 300 and 600 s of silence', () => {
    const world = found({ lifetimeLimitSeconds: 600 });
    const solicitations = world.sentIn('lifetime').filter(isSolicitation);
    const begun = solicitations.filter(({ socket }) => socket >= 6);
    expect(begun.map(({ socket, remote }) => [socket, remote.address])).toEqual(
      [6, 7, 8, 9, 10, 11, 12, 13, 14].map((socket) => [socket, primary]),
    );
    const answeredAt = begun[0]!.at + 20;
    const located = solicitations.filter(({ socket }) => socket === 0).map(({ at }) => (at - answeredAt) / 1000);
    expect(located).toEqual([20, 30, 45, 60, 90, 120, 180, 300, 600]);
  });

  it('ends with the first mapping that is dead', () => {
    const world = found({ lifetimeLimitSeconds: 600, lifetimeMs: 25_000 });
    const located = world.sentIn('lifetime').filter((datagram) => isSolicitation(datagram) && datagram.socket === 0);
    expect(located.length).toBe(2);
  });

  it('[CL-N-14] is not over because the control is', () => {
    let bubbles = 0;
    const sends = (datagram: Datagram) => {
      if (datagram.stage !== 'lifetime' || isSolicitation(datagram)) return true;
      bubbles += 1;
      return bubbles > 20;
    };
    expect(found({ lifetimeLimitSeconds: 30, sends }).probe.findings).toMatchObject({
      survivedSeconds: 30,
      expiredSeconds: undefined,
    });
  });

  it.each([0, 1])('[CL-N-14] is unknown without the mapping of socket %i', (lost) => {
    const sends = ({ stage, socket }: Datagram) => stage !== 'lifetime' || socket !== lost;
    const { findings } = found({ lifetimeLimitSeconds: 20, lifetimeMs: 15_000, sends }).probe;
    expect(findings).toMatchObject({ survivedSeconds: undefined, expiredSeconds: undefined });
  });

  it('skips a socket without a mapping', () => {
    const sends = ({ socket }: Datagram) => socket !== 6;
    const world = found({ lifetimeLimitSeconds: 30, lifetimeMs: 25_000, sends });
    expect(world.probe.findings).toMatchObject({ survivedSeconds: undefined, expiredSeconds: 30 });
    const located = world.sentIn('lifetime').filter((datagram) => isSolicitation(datagram) && datagram.socket === 0);
    expect(located.length).toBe(1);
  });
});

function hex(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

function flipping(offset: number): NonNullable<WorldOptions['receives']> {
  return (datagram) => {
    const payload = datagram.payload.slice();
    payload[offset]! ^= 1;
    return [{ ...datagram, payload }];
  };
}

function setting(offset: number, ...octets: readonly number[]): NonNullable<WorldOptions['receives']> {
  return (datagram) => {
    const payload = datagram.payload.slice();
    payload.set(octets, offset);
    return [{ ...datagram, payload }];
  };
}

function cutting(from: number, to: number): NonNullable<WorldOptions['receives']> {
  return (datagram) => {
    const { payload } = datagram;
    return [{ ...datagram, payload: new Uint8Array([...payload.slice(0, from), ...payload.slice(to)]) }];
  };
}

function elsewhere(move: (remote: Datagram['remote']) => Datagram['remote']): NonNullable<WorldOptions['receives']> {
  return (datagram) => [{ ...datagram, remote: move(datagram.remote) }];
}

function swapped(remote: Datagram['remote']): Datagram['remote'] {
  return { ...remote, address: remote.address === primary ? secondary : primary };
}

/** Changes an IPv6 packet that has no header of ours before it, and mends its checksum. */
function rewriting(change: (bytes: Uint8Array) => void): NonNullable<WorldOptions['receives']> {
  return (datagram) => {
    const payload = datagram.payload.slice();
    change(payload);
    writeIcmpv6Checksum(payload, 0);
    return [{ ...datagram, payload }];
  };
}

/** The echo without its last octet. */
function shortened(payload: Uint8Array): Uint8Array {
  const bytes = payload.slice(0, -1);
  bytes[5]! -= 1;
  return bytes;
}

/** The bubble with four octets behind its header. */
function withPayload(bubble: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(bubble.length + 4);
  bytes.set(bubble);
  bytes[13] = 4;
  return bytes;
}

/** The advertisement behind Authentication and origin, cut to its 16 fixed octets. */
function withoutOptions(payload: Uint8Array): Uint8Array {
  const bytes = payload.slice(0, 21 + 40 + 16);
  bytes.set([0, 16], 21 + 4);
  writeIcmpv6Checksum(bytes, 21);
  return bytes;
}
