import { Ipv4Policy, parseIpv4 } from '@navalis/address';
import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import {
  type Findings,
  type Limit,
  NatProbe,
  noFindings,
  type SocketMapping,
  socketsNeeded,
  type VerdictName,
  verdictOf,
} from '../src/index.ts';

const local = (socket: number) => ({ address: parseIpv4('192.168.1.5')!, port: 50_000 + socket });
const outside = (port: number, last = 1) => ({ address: parseIpv4(`203.0.113.${last}`)!, port });

function mappings(...ports: readonly (readonly [number | undefined, number | undefined])[]): SocketMapping[] {
  return ports.map(([one, other], socket) => ({
    local: local(socket),
    byPrimary: one === undefined ? undefined : outside(one),
    bySecondary: other === undefined ? undefined : outside(other),
  }));
}

const oneForAll = mappings([7001, 7001], [9400, 9400], [8222, 8222], [1234, 1234]);

describe('the verdict', () => {
  it.each<[VerdictName, Partial<Findings>]>([
    ['blocked', { mappings: mappings([undefined, undefined]) }],
    ['half-blocked', { mappings: mappings([undefined, 7], [undefined, 8]) }],
    ['none', { mappings: [{ local: local(0), byPrimary: local(0), bySecondary: local(0) }] }],
    ['cone', { mappings: oneForAll, fromUnknownAddress: 'passes', fromOtherPort: 'passes' }],
    ['address-restricted', { mappings: oneForAll, fromUnknownAddress: 'filtered', fromOtherPort: 'passes' }],
    ['port-restricted', { mappings: oneForAll, fromUnknownAddress: 'filtered', fromOtherPort: 'filtered' }],
    ['restricted', { mappings: oneForAll, fromUnknownAddress: 'unknown', fromOtherPort: 'unknown' }],
    ['port-preserving-symmetric', { mappings: mappings([50_000, 911], [50_001, 1], [50_002, 40_000], [50_003, 7]) }],
    ['sequential-symmetric', { mappings: mappings([2000, 2001], [2002, 2004], [2005, 2006], [2007, 2008]) }],
    ['sequential-symmetric', { mappings: mappings([65_534, 65_535], [1024, 1025], [1026, 1027], [1028, 1029]) }],
    ['port-symmetric', { mappings: mappings([2000, 31_001], [7, 40_004], [2005, 900], [12_000, 55_555]) }],
    [
      'address-symmetric',
      { mappings: [{ local: local(0), byPrimary: outside(2000, 1), bySecondary: outside(2001, 2) }, ...oneForAll] },
    ],
  ])('%s', (nat, findings) => {
    const verdict = verdictOf({ ...noFindings, ...findings });
    expect(verdict.nat).toBe(nat);
    expect(verdict.meaning).toMatch(/\.$/);
  });

  it.each<[VerdictName, Partial<Findings>]>([
    ['restricted', { mappings: oneForAll, fromUnknownAddress: 'filtered', fromOtherPort: 'unknown' }],
    ['restricted', { mappings: oneForAll, fromUnknownAddress: 'filtered', fromOtherPort: undefined }],
    ['restricted', { mappings: oneForAll, fromUnknownAddress: 'unknown', fromOtherPort: 'passes' }],
    ['restricted', { mappings: oneForAll, fromUnknownAddress: 'unknown', fromOtherPort: 'filtered' }],
    ['restricted', { mappings: oneForAll, fromUnknownAddress: undefined, fromOtherPort: 'filtered' }],
    ['cone', { mappings: oneForAll, fromUnknownAddress: 'passes', fromOtherPort: 'unknown' }],
  ])('[CL-N-14] takes unknown for nothing else: %s %#', (nat, findings) => {
    expect(verdictOf({ ...noFindings, ...findings })).toMatchObject({ nat, isUsable: true });
  });

  it('is blocked without any answer, and half-blocked when one address alone answers', () => {
    expect(verdictOf(noFindings).nat).toBe('blocked');
    expect(verdictOf({ ...noFindings, mappings: mappings([7, undefined], [8, undefined]) }).nat).toBe('half-blocked');
    expect(verdictOf({ ...noFindings, mappings: mappings([undefined, 7]) }).nat).toBe('half-blocked');
    // One socket with both answers is enough.
    expect(verdictOf({ ...noFindings, mappings: mappings([7, 7], [undefined, 8]) }).nat).toBe('restricted');
  });

  it('is none only if the server sees address and port of every socket as they are', () => {
    const own = (socket: number): SocketMapping => ({
      local: local(socket),
      byPrimary: local(socket),
      bySecondary: local(socket),
    });
    const nat = (...seen: readonly SocketMapping[]) => verdictOf({ ...noFindings, mappings: seen }).nat;
    expect(nat(own(0), own(1))).toBe('none');
    expect(nat(own(0), ...mappings([50_000, 50_000]))).toBe('restricted');
    const otherPort = { ...local(0), port: 9 };
    expect(nat({ local: local(0), byPrimary: otherPort, bySecondary: otherPort })).toBe('restricted');
    expect(nat({ local: local(0), byPrimary: local(0), bySecondary: otherPort })).toBe('port-preserving-symmetric');
  });

  it('[CL-N-04] tells symmetric NATs apart by addresses and ports', () => {
    const verdict = (...seen: readonly SocketMapping[]) => verdictOf({ ...noFindings, mappings: seen });
    // The address alone differs.
    const pair = { local: local(0), byPrimary: outside(2000, 1), bySecondary: outside(2000, 2) };
    expect(verdict(pair).nat).toBe('address-symmetric');
    // Kept by either of two answers, but at every socket.
    expect(verdict(...mappings([50_000, 9], [8, 50_001])).nat).toBe('port-preserving-symmetric');
    expect(verdict(...mappings([50_000, 9], [8, 30_001])).nat).toBe('port-symmetric');
  });

  it.each<[number | undefined, readonly (readonly [number, number])[]]>([
    [
      8,
      [
        [1000, 1008],
        [1016, 1024],
      ],
    ],
    [
      undefined,
      [
        [1000, 1009],
        [1018, 1027],
      ],
    ],
    [
      1,
      [
        [1000, 1001],
        [1003, 1006],
      ],
    ],
    // Three steps are the least, and one of them may be the end of the range.
    [undefined, [[1000, 1001]]],
    [
      1,
      [
        [65_535, 1024],
        [1025, 1026],
      ],
    ],
    [
      undefined,
      [
        [65_535, 1024],
        [1025, 40_000],
      ],
    ],
    // In whatever order they were seen.
    [
      1,
      [
        [1003, 1000],
        [1002, 1001],
      ],
    ],
    // The same port twice is no step.
    [
      undefined,
      [
        [1000, 1001],
        [1001, 1001],
      ],
    ],
  ])('sees a sequence of step %s in %j', (step, ports) => {
    const verdict = verdictOf({ ...noFindings, mappings: mappings(...ports) });
    expect(verdict.portStep).toBe(step);
    expect(verdict.nat).toBe(step === undefined ? 'port-symmetric' : 'sequential-symmetric');
  });

  it('tells no step of other NATs, whose ports may follow each other too', () => {
    const findings = { ...noFindings, mappings: mappings([1000, 1000], [1001, 1001], [1002, 1002], [1003, 1003]) };
    expect(verdictOf(findings)).toMatchObject({ nat: 'restricted', portStep: undefined });
  });

  it('tells no step of ports that are kept where they can be', () => {
    const findings = { ...noFindings, mappings: mappings([50_000, 50_004], [50_001, 50_005]) };
    expect(verdictOf(findings)).toMatchObject({ nat: 'port-preserving-symmetric', portStep: undefined });
  });

  it.each<[Partial<Findings>, string]>([
    [{ mappings: oneForAll, fromUnknownAddress: 'passes' }, ''],
    [{ mappings: oneForAll, fromUnknownAddress: 'filtered', fromOtherPort: 'passes' }, ''],
    [{ mappings: oneForAll, fromUnknownAddress: 'filtered', fromOtherPort: 'filtered' }, ''],
    [{ mappings: oneForAll }, ''],
    [{ mappings: [{ local: local(0), byPrimary: local(0), bySecondary: local(0) }] }, ''],
    [{ mappings: oneForAll, throughServer: 'filtered' }, 'Use another server.'],
    [
      { mappings: oneForAll, throughServer: 'filtered', native: 'unknown' },
      'Use another server. Try again later, or nearer to the router.',
    ],
    [
      { mappings: mappings([7, 8]) },
      'Forward a UDP port to this host on the router and set it as bind-port, switch the router to endpoint-independent mapping ("full cone"), name a TURN server in the key turn, or use native IPv6.',
    ],
    [{ mappings: [] }, 'Allow outgoing UDP to port 3544 on the firewall, or try another server.'],
  ])('advises on %j: %s', (findings, advice) => {
    expect(verdictOf({ ...noFindings, ...findings }).advice).toBe(advice);
    // Hairpinning matters only where nothing worse does.
    const hairpin = verdictOf({ ...noFindings, ...findings, hairpins: false }).advice;
    expect(hairpin.includes('local discovery')).toBe(advice === '');
    expect(hairpin.includes(advice)).toBe(true);
  });

  it('begins with no findings', () => {
    expect(noFindings.mappings).toEqual([]);
    expect(Object.values(noFindings).filter((each) => each !== undefined)).toEqual([[]]);
  });

  it('says whether ports are kept, by the first answer of each socket', () => {
    const preserves = (...seen: readonly SocketMapping[]) =>
      verdictOf({ ...noFindings, mappings: seen }).preservesPorts;
    expect(preserves()).toBe(undefined);
    expect(preserves(...mappings([undefined, undefined]))).toBe(undefined);
    expect(preserves(...mappings([50_000, 50_000], [50_001, 50_001]))).toBe(true);
    expect(preserves(...mappings([50_000, 50_000], [7, 7]))).toBe(false);
    expect(preserves(...mappings([undefined, 50_000]))).toBe(true);
    expect(preserves(...mappings([undefined, 7]))).toBe(false);
    expect(preserves(...mappings([50_000, 7]))).toBe(true);
    expect(preserves(...mappings([50_000, undefined], [undefined, undefined]))).toBe(true);
  });

  it.each<[Partial<Findings>, readonly Limit[]]>([
    [{ throughServer: 'passes', native: 'answers', displacesMapping: false, largePackets: 'passes' }, []],
    [{}, []],
    [{ throughServer: 'filtered' }, ['server-forwards-nothing']],
    [{ throughServer: 'unknown' }, ['unclear']],
    [{ native: 'silent' }, ['native-silent']],
    [{ native: 'relay-only' }, ['relay-unheard']],
    [{ native: 'unknown' }, ['unclear']],
    [{ displacesMapping: true }, ['input-displaces-mapping']],
    [{ largePackets: 'filtered' }, ['large-packets-lost']],
    [{ largePackets: 'unknown' }, ['unclear']],
    [
      { native: 'relay-only', displacesMapping: true, largePackets: 'unknown' },
      ['input-displaces-mapping', 'relay-unheard', 'unclear'],
    ],
  ])('limits by %j', (findings, limits) => {
    const verdict = verdictOf({ ...noFindings, mappings: oneForAll, ...findings });
    expect(verdict.limits).toEqual(limits);
    expect(verdict.isUsable).toBe(true);
    // One sentence at least for each, and advice.
    expect(verdict.meaning.split('. ').length).toBeGreaterThan(limits.length);
    expect(verdict.advice === '').toBe(limits.length === 0);
    // A host without an address has no such limits.
    const symmetric = { mappings: mappings([7, 8], [9, 11]) };
    expect(verdictOf({ ...noFindings, ...findings, ...symmetric }).limits).toEqual([]);
  });

  it.each<[Partial<Findings>, RegExp, RegExp]>([
    [{ throughServer: 'filtered' }, /answers solicitations but passes no bubbles on/, /Use another server/],
    [
      { native: 'silent' },
      /Three causes.* no route for 2001::\/32 .*, or there is no relay, or the server has no IPv6/,
      /ip -6 route get 2001::1.*teredo-relay status.*second --server.*Try another --native-target/,
    ],
    [{ native: 'silent', otherNative: 'silent' }, /Three causes/, /second --server/],
    [{ native: 'silent', otherNative: 'unknown' }, /Three causes/, /second --server/],
    [
      { native: 'silent', otherNative: 'answers' },
      /one to a host in another network did: the server has IPv6, and there is a relay\./,
      /^In that network, see whether "ip -6 route get 2001::1" finds a route/,
    ],
    [{ native: 'silent', otherNative: 'relay-only' }, /in another network did/, /In that network/],
    [
      { native: 'silent', throughOtherServer: 'answers' },
      /through this server, but did through another one: this server has no IPv6/,
      /^Put the other server first/,
    ],
    [{ native: 'silent', throughOtherServer: 'relay-only' }, /this server has no IPv6/, /Put the other server first/],
    [
      { native: 'silent', otherNative: 'silent', throughOtherServer: 'silent' },
      /nor through another one: most likely no route for 2001::\/32/,
      /^On the native host or in its network.*teredo-relay status".*run a relay/,
    ],
    [{ native: 'silent', throughOtherServer: 'unknown' }, /Three causes/, /second --server/],
    [{ native: 'relay-only' }, /relay of the native host sent bubbles/, /Allow UDP/],
    [
      { displacesMapping: true },
      /accepts unsolicited input/,
      /nft insert rule inet filter input iifname "wan" meta l4proto udp ct state new drop/,
    ],
    [
      { largePackets: 'filtered' },
      /1280 octets are lost.*TCP connections will hang/,
      /1308 octets and their fragments/,
    ],
    [{ native: 'unknown' }, /Too many datagrams were lost/, /Try again later/],
  ])('says what %j means, and what helps', (findings, meaning, advice) => {
    const verdict = verdictOf({ ...noFindings, mappings: oneForAll, ...findings });
    expect(verdict.meaning).toMatch(/^The NAT keeps one mapping for all destinations/);
    expect(verdict.meaning).toMatch(meaning);
    expect(verdict.advice).toMatch(advice);
  });

  it.each<[Partial<Findings>, RegExp]>([
    [{ mappings: mappings([50_000, 911]) }, /keeps the port where it can: relays and peers reach/],
    [{ mappings: mappings([2000, 2001], [2002, 2004]) }, /ports that follow each other: relays and peers reach/],
    [{ mappings: mappings([2000, 31_001], [7, 40_004]) }, /unpredictable ports: relays and peers reach/],
    [
      { mappings: [{ local: local(0), byPrimary: outside(2000, 1), bySecondary: outside(2001, 2) }] },
      /even with different addresses: relays and peers reach/,
    ],
  ])('says what symmetric NATs do, and how to do without: %s', (findings, meaning) => {
    const verdict = verdictOf({ ...noFindings, ...findings });
    expect(verdict.meaning).toMatch(/^The NAT makes a mapping for each destination.*symmetric NATs \(RFC 6081\)\./);
    expect(verdict.meaning).toMatch(meaning);
    expect(verdict.advice).toMatch(/^Forward a UDP port to this host on the router and set it as bind-port/);
  });

  it('says whose prefix is wrong, of half an answer alone', () => {
    const half = { ...noFindings, mappings: mappings([7, undefined]) };
    expect(verdictOf(half).advice).toContain(
      'it is the primary one plus 1 unless the key server-secondary names another',
    );
    expect(verdictOf({ ...half, foreignAddress: 'secondary' })).toMatchObject({
      meaning: expect.stringMatching(/^The secondary address answers with the prefix of another server/) as string,
      advice: expect.stringMatching(/^Set the key server-secondary to/) as string,
    });
    expect(verdictOf({ ...half, foreignAddress: 'primary' })).toMatchObject({
      meaning: expect.stringMatching(/^The primary address answers with the prefix of another server/) as string,
      advice: expect.stringMatching(/^Set the key server to/) as string,
    });
    expect(verdictOf({ ...noFindings, foreignAddress: 'primary' }).meaning).toMatch(/^No answer came/);
    const both = { ...noFindings, mappings: oneForAll, foreignAddress: 'secondary' } as const;
    expect(verdictOf(both)).toMatchObject({ nat: 'restricted', advice: '' });
  });

  it('knows that one socket with two mappings is enough for symmetric, whatever the others say', () => {
    expect(verdictOf({ ...noFindings, mappings: mappings([7, 7], [8, 9], [10, 11], [12, 12]) }).isUsable).toBe(false);
  });

  it('says whether a client gets an address behind a symmetric NAT, and what is worse than that', () => {
    const findings = { ...noFindings, mappings: mappings([7, 8], [9, 11]) };
    const [without, supported] = [verdictOf(findings), verdictOf(findings, true)];
    expect(without).toMatchObject({ isUsable: false, limits: [] });
    expect(without.meaning).toMatch(/A client without symmetric NAT support gets no address here\.$/);
    expect(supported.meaning).not.toContain('without symmetric NAT support');
    expect(verdictOf(noFindings).meaning).not.toContain('without symmetric NAT support');
    expect(verdictOf({ ...findings, native: 'relay-only' }, true).advice).toMatch(
      /Run a relay that supports symmetric NATs\.$/,
    );
    expect(supported).toMatchObject({ isUsable: true, limits: ['symmetric-nat'] });
    expect(supported.advice).toBe(without.advice);
    const worse: Partial<Findings> = { native: 'relay-only', throughServer: 'filtered', largePackets: 'filtered' };
    expect(verdictOf({ ...findings, ...worse }, true).limits).toEqual([
      'server-forwards-nothing',
      'relay-unheard',
      'symmetric-nat',
      'large-packets-lost',
    ]);
    expect(verdictOf({ ...findings, isMappedGlobal: false }, true)).toMatchObject({ isUsable: false, limits: [] });
    expect(verdictOf({ ...noFindings, mappings: oneForAll }, true)).toMatchObject({ isUsable: true, limits: [] });
  });

  it('advises local discovery where the NAT does not hairpin', () => {
    const findings = { mappings: oneForAll, fromUnknownAddress: 'passes', fromOtherPort: 'passes' } as const;
    expect(verdictOf({ ...noFindings, ...findings, hairpins: true }).advice).toBe('');
    expect(verdictOf({ ...noFindings, ...findings, hairpins: false }).advice).toContain('local discovery');
  });
});

describe('a probe', () => {
  const options = {
    primary: parseIpv4('198.51.100.10')!,
    secondary: parseIpv4('198.51.100.11')!,
    policy: new Ipv4Policy({ strictness: 'rfc4380' }),
    nativeTarget: undefined,
    lifetimeLimitSeconds: 0,
  };
  const outputs = { send: () => undefined, stageDone: () => undefined, random: seededRandom(1) };

  it.each([
    [0, 6],
    [19, 6],
    [20, 7],
    [120, 12],
    [600, 15],
    [10_000, 15],
  ])('with lifetimes up to %i s needs %i sockets, and refuses fewer', (lifetimeLimitSeconds, count) => {
    expect(socketsNeeded(lifetimeLimitSeconds)).toBe(count);
    const make = (length: number) => {
      const locals = Array.from({ length }, (_, socket) => local(socket));
      return new NatProbe({ ...options, lifetimeLimitSeconds, locals }, outputs);
    };
    expect(() => make(count - 1)).toThrow(new RangeError(`A probe needs ${count} sockets.`));
    expect(make(count).stage).toBe('initial');
  });

  it('[WF-29] lives through any octets, which change nothing', () => {
    const locals = Array.from({ length: socketsNeeded(0) }, (_, socket) => local(socket));
    const probe = new NatProbe({ ...options, locals }, outputs);
    probe.start(0);
    const random = seededRandom(7);
    for (let round = 0; round < 20_000; round++) {
      const bytes = new Uint8Array(round % 130);
      random.fill(bytes);
      if (round % 3 === 0) bytes.set([0, 1, 0, 0].slice(0, bytes.length));
      probe.handleDatagram(round % 5, bytes, { address: options.primary, port: 3544 }, round / 100);
    }
    expect(probe.stage).toBe('mapping');
  });
});
