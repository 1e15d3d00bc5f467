import { describe, expect, it } from 'vitest';
import {
  classifyNat,
  firstSenderOf,
  type NatKind,
  nameNat,
  natAbbreviations,
  natKinds,
  natPairs,
  needOf,
  type PairExtension,
  supportedNatKinds,
  symmetricNatKinds,
} from '../src/index.ts';

describe('the names of NATs', () => {
  it.each(Object.keys(natKinds) as NatKind[])('%s is named by its behaviour, but for UPnP', (kind) => {
    expect(nameNat(natKinds[kind])).toBe(kind.replace('upnp-', ''));
  });

  it('is "restricted" where the filtering is unknown', () => {
    expect(nameNat({ ...natKinds.cone, filtering: undefined })).toBe('restricted');
  });

  it('depends on ports and addresses of symmetric NATs alone', () => {
    expect(nameNat({ ...natKinds.cone, portAssignment: 'sequential', pooling: 'arbitrary' })).toBe('cone');
    expect(nameNat({ ...natKinds['address-symmetric'], portAssignment: 'preserving' })).toBe('address-symmetric');
    expect(nameNat({ ...natKinds['port-symmetric'], mapping: 'address-dependent' })).toBe('port-symmetric');
    expect(nameNat({ ...natKinds['port-symmetric'], filtering: 'endpoint-independent' })).toBe('port-symmetric');
  });
});

describe('the examples of the kinds', () => {
  it('are all like a cone NAT with random ports and one address', () => {
    expect(natKinds.cone).toEqual({
      mapping: 'endpoint-independent',
      filtering: 'endpoint-independent',
      portAssignment: 'random',
      portStep: 1,
      externalAddresses: 1,
      pooling: 'paired',
      hairpinning: false,
      displacesMapping: false,
      mappingLifetimeMs: 60_000,
      refreshedBy: 'outbound',
      portMapping: false,
    });
  });

  it('differ from it in mapping, filtering, ports, addresses or the mappings that hosts ask for', () => {
    const restricted = { ...natKinds.cone, filtering: 'address-and-port-dependent' };
    const symmetric = { ...restricted, mapping: 'address-and-port-dependent' };
    expect(natKinds).toEqual({
      cone: natKinds.cone,
      'address-restricted': { ...natKinds.cone, filtering: 'address-dependent' },
      'port-restricted': restricted,
      'upnp-port-restricted': { ...restricted, portMapping: true },
      'upnp-port-symmetric': { ...symmetric, portMapping: true },
      'port-preserving-symmetric': { ...symmetric, portAssignment: 'preserving' },
      'sequential-symmetric': { ...symmetric, portAssignment: 'sequential' },
      'port-symmetric': symmetric,
      'address-symmetric': { ...symmetric, externalAddresses: 4, pooling: 'arbitrary' },
    });
  });
});

describe('the classes that qualification tells apart', () => {
  it.each([
    ['endpoint-independent', 'endpoint-independent', 'cone'],
    ['endpoint-independent', 'address-dependent', 'restricted'],
    ['endpoint-independent', 'address-and-port-dependent', 'restricted'],
    ['endpoint-independent', undefined, 'restricted'],
    ['address-dependent', 'endpoint-independent', 'symmetric'],
    ['address-and-port-dependent', undefined, 'symmetric'],
  ] as const)('mapping %s, filtering %s: %s', (mapping, filtering, expected) => {
    expect(classifyNat({ mapping, filtering })).toBe(expected);
  });
});

it('knows which kinds RFC 4380 alone connects', () => {
  expect(supportedNatKinds).toEqual(['cone', 'address-restricted', 'port-restricted', 'upnp-port-restricted']);
  expect(symmetricNatKinds).toEqual([
    'upnp-port-symmetric',
    'port-preserving-symmetric',
    'sequential-symmetric',
    'port-symmetric',
    'address-symmetric',
  ]);
});

/** RFC 6081 figure 1: rows are the kinds that the first packet comes from. */
const figure1 = `
    C        AR       PR       UPR       UPS       PPS      SQS      PS   AS
C   4380     4380     4380     4380      SNS       SNS      SNS      SNS  SNS
AR  4380     4380     4380     4380      SNS       SNS      SNS      SNS  -
PR  4380     4380     4380     4380      -         SNS+PP   SNS+SPS  -    -
UPR 4380     4380     4380     4380      SNS+UPNP  -        -        -    -
UPS SNS      SNS      -        SNS+UPNP  SNS+UPNP  -        -        -    -
PPS SNS      SNS      SNS+PP   -         -         SNS+PP   SNS+SPS  -    -
SQS SNS      SNS      SNS+SPS  -         -         -        -        -    -
PS  SNS      SNS      -        -         -         -        -        -    -
AS  SNS      -        -        -         -         -        -        -    -`;

describe('the pairs of NATs', () => {
  const [columns, ...rows] = figure1
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));

  it('are all pairs of kinds, in rows', () => {
    expect(natPairs).toHaveLength(81);
    const cells = natPairs.map(({ from, to, need }) => [natAbbreviations[from], natAbbreviations[to], need]);
    expect(cells).toEqual(
      rows.flatMap(([from, ...needs]) => needs.map((need, index) => [from, columns![index], need])),
    );
  });

  it('need what figure 1 of RFC 6081 says', () => {
    for (const { from, to, need } of natPairs) expect(needOf(from, to)).toBe(need);
    expect(needOf('port-preserving-symmetric', 'sequential-symmetric')).toBe('SNS+SPS');
    expect(needOf('sequential-symmetric', 'port-preserving-symmetric')).toBe('-');
  });
});

describe('who must send first', () => {
  const all: readonly PairExtension[] = ['SNS', 'UPNP', 'PP', 'SPS'];
  const kinds = Object.keys(natKinds) as NatKind[];

  it.each<[NatKind, NatKind, readonly PairExtension[], string]>([
    ['port-restricted', 'port-restricted', [], 'either'],
    ['cone', 'port-symmetric', [], 'none'],
    ['cone', 'port-symmetric', ['SNS'], 'either'],
    ['port-restricted', 'sequential-symmetric', ['SNS', 'PP'], 'none'],
    ['port-restricted', 'sequential-symmetric', all, 'either'],
    ['port-preserving-symmetric', 'sequential-symmetric', all, 'own'],
    ['sequential-symmetric', 'port-preserving-symmetric', all, 'peer'],
    ['upnp-port-restricted', 'upnp-port-symmetric', ['SNS'], 'none'],
    ['upnp-port-restricted', 'upnp-port-symmetric', ['SNS', 'UPNP'], 'either'],
    ['port-symmetric', 'port-symmetric', all, 'none'],
  ])('%s to %s with %j: %s', (own, peer, extensions, expected) => {
    expect(firstSenderOf(own, peer, extensions)).toBe(expected);
  });

  it('is somebody exactly where the table promises something in one direction', () => {
    for (const own of kinds) {
      for (const peer of kinds) {
        const isPromised = needOf(own, peer) !== '-' || needOf(peer, own) !== '-';
        expect(firstSenderOf(own, peer, all) !== 'none').toBe(isPromised);
      }
    }
  });
});
