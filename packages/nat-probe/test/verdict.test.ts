import { Ipv4Policy, parseIpv4 } from '@navalis/address';
import { seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { type Findings, noFindings, type SocketMapping } from '../src/findings.ts';
import { type NatName, NatProbe, socketsNeeded } from '../src/index.ts';
import { verdictOf } from '../src/verdict.ts';

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
  it.each<[NatName, Partial<Findings>]>([
    ['blocked', { mappings: mappings([undefined, undefined]) }],
    ['half-blocked', { mappings: mappings([undefined, 7], [undefined, 8]) }],
    ['none', { mappings: [{ local: local(0), byPrimary: local(0), bySecondary: local(0) }] }],
    ['cone', { mappings: oneForAll, fromStranger: 'passes', fromOtherPort: 'passes' }],
    ['address-restricted', { mappings: oneForAll, fromStranger: 'filtered', fromOtherPort: 'passes' }],
    ['port-restricted', { mappings: oneForAll, fromStranger: 'filtered', fromOtherPort: 'filtered' }],
    ['restricted', { mappings: oneForAll, fromStranger: 'unknown', fromOtherPort: 'unknown' }],
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

  it('knows that one socket with two mappings is enough for symmetric, whatever the others say', () => {
    expect(verdictOf({ ...noFindings, mappings: mappings([7, 7], [8, 9], [10, 11], [12, 12]) }).isUsable).toBe(false);
  });

  it('advises local discovery where the NAT does not hairpin', () => {
    const findings = { mappings: oneForAll, fromStranger: 'passes', fromOtherPort: 'passes' } as const;
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

  it('refuses too few sockets', () => {
    expect(() => new NatProbe({ ...options, locals: [local(0)] }, outputs)).toThrow(RangeError);
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
