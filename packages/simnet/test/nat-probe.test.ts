import type { Ipv4Endpoint } from '@navalis/address';
import { nameNat } from '@navalis/nat';
import type { Findings, Verdict } from '@navalis/nat-probe';
import { describe, expect, it } from 'vitest';
import { forEachSeed, type Internet, internet, type NatKind, type NatOptions, natKinds } from '../src/index.ts';
import { probe } from '../src/scenarios/diagnosis.ts';

function verdict(net: Internet, nat: NatKind | NatOptions | undefined): Verdict {
  return probe(net, nat).verdict;
}

describe('a probe by a server alone', () => {
  it.each(Object.keys(natKinds) as NatKind[])('names %s, whatever the seed', (kind) => {
    forEachSeed(10, (seed) => {
      expect(verdict(internet({ seed }), kind).nat).toBe(nameNat(natKinds[kind]));
    });
  });

  it.each(Object.keys(natKinds) as NatKind[])('names %s over paths that lose one in ten', (kind) => {
    forEachSeed(10, (seed) => {
      expect(verdict(internet({ seed, core: { latencyMs: 60, loss: 0.1, reordering: 0.1 } }), kind).nat).toBe(
        nameNat(natKinds[kind]),
      );
    });
  });

  it.each([1, 2] as const)('sees the step of a sequence of ports: %i', (portStep) => {
    expect(verdict(internet(), { kind: 'sequential-symmetric', portStep }).portStep).toBe(portStep);
  });

  it('reports that there is no NAT', () => {
    expect(verdict(internet(), undefined)).toMatchObject({ nat: 'none', isUsable: true, preservesPorts: true });
  });

  it.each([true, false])('sees whether the NAT hairpins: %s', (hairpinning) => {
    for (const kind of ['cone', 'address-restricted', 'port-restricted'] as const) {
      expect(probe(internet(), { kind, hairpinning }).findings.hairpins).toBe(hairpinning);
    }
  });

  it('reports the more restrictive of two nested NATs', () => {
    const net = internet();
    const outer = net.nat('port-restricted');
    expect(verdict(net, { kind: 'cone', behind: outer }).nat).toBe('port-restricted');
    expect(verdict(net, { kind: 'port-symmetric', behind: net.nat('cone') }).nat).toBe('port-symmetric');
  });

  it.each([
    [25_000, { survivedSeconds: 20, expiredSeconds: 30 }],
    [75_000, { survivedSeconds: 60, expiredSeconds: 90 }],
    [1_000_000, { survivedSeconds: 120, expiredSeconds: undefined }],
    [15_000, { survivedSeconds: undefined, expiredSeconds: 20 }],
  ])('finds how long a mapping lives without traffic: %i ms', (mappingLifetimeMs, expected) => {
    for (const kind of ['cone', 'port-restricted'] as const) {
      expect(probe(internet(), { kind, mappingLifetimeMs }, { lifetimeLimitSeconds: 120 }).findings).toMatchObject(
        expected,
      );
    }
  });

  it('ends soon without any answer, and explains the result', () => {
    const net = internet({ core: { loss: 1 } });
    const silent = probe(net, 'port-restricted');
    expect(silent.verdict).toMatchObject({ nat: 'blocked', isUsable: false, preservesPorts: undefined });
    expect(net.clock.now).toBeLessThan(10_000);
  });

  it.each([true, false])(
    '[CL-N-15] sees whether the NAT gives a sender that came first another port: %s',
    (displacesMapping) => {
      for (const kind of ['address-restricted', 'port-restricted'] as const) {
        forEachSeed(10, (seed) => {
          const { verdict, findings } = probe(internet({ seed, core: { loss: 0.1 } }), { kind, displacesMapping });
          expect(findings.displacesMapping).toBe(displacesMapping);
          expect(verdict.nat).toBe(nameNat(natKinds[kind]));
          expect(verdict.limits).toEqual(displacesMapping ? ['input-displaces-mapping'] : []);
          expect(verdict.advice.includes('Drop unsolicited UDP on the NAT')).toBe(displacesMapping);
        });
      }
    },
  );
});

describe('a probe with a native target', () => {
  const isSolicitation = (payload: Uint8Array) => payload[0] === 0;

  it.each(['cone', 'address-restricted', 'port-restricted', undefined] as const)(
    '[CL-N-16] is answered through a relay: %s',
    (nat) => {
      forEachSeed(10, (seed) => {
        const net = internet({ seed, core: { loss: 0.1 } });
        net.relay();
        const { findings, verdict } = probe(net, nat, { target: net.nativeHost().address });
        expect(findings).toMatchObject({ throughServer: 'passes', native: 'answers', largePackets: 'passes' });
        expect(verdict.limits).toEqual([]);
      });
    },
  );

  it('[CL-N-16] reports silence without a relay', () => {
    for (const nat of ['port-restricted', undefined] as const) {
      const net = internet();
      const { findings, verdict } = probe(net, nat, { target: net.nativeHost().address });
      expect(findings).toMatchObject({ throughServer: 'passes', native: 'silent', largePackets: undefined });
      expect(verdict).toMatchObject({ isUsable: true, limits: ['native-silent'] });
    }
  });

  it('[CL-N-16] reports silence if the server has no IPv6', () => {
    const net = internet();
    net.relay();
    const server = net.server();
    server.host.engine.handlePackets = () => undefined;
    const target = { word0: 0x2a00ffff, word1: 0, word2: 0, word3: 1 };
    expect(probe(net, 'port-restricted', { server, target }).verdict.limits).toEqual(['native-silent']);
  });

  it('[CL-N-16] detects a server that answers solicitations only', () => {
    for (const nat of ['cone', 'port-restricted', undefined] as const) {
      const net = internet();
      net.relay();
      const target = net.nativeHost().address;
      const { findings, verdict } = probe(net, nat, { target, lets: isSolicitation });
      expect(findings).toMatchObject({ throughServer: 'filtered', fromUnknownAddress: undefined, native: undefined });
      expect(verdict).toMatchObject({ isUsable: true, limits: ['server-forwards-nothing'] });
    }
  });

  it('detects a relay whose packets do not arrive', () => {
    const net = internet();
    const relay = net.relay();
    const target = net.nativeHost().address;
    const lets = (_: Uint8Array, to: Ipv4Endpoint) => to.address !== relay.host.udp.address;
    const { findings, verdict } = probe(net, 'port-restricted', { target, lets });
    expect(findings.native).toBe('relay-only');
    expect(verdict.limits).toEqual(['relay-unheard']);
  });

  it('[CL-N-17] detects a path that drops only large datagrams', () => {
    const net = internet();
    net.relay();
    const target = net.nativeHost().address;
    const { findings, verdict } = probe(net, 'port-restricted', { target, lets: ({ length }) => length < 1280 });
    expect(findings).toMatchObject({ native: 'answers', largePackets: 'filtered' });
    expect(verdict.limits).toEqual(['large-packets-lost']);
  });

  it.each<[string, Partial<Findings>, readonly string[]]>([
    ['forwarding', { throughServer: 'unknown', fromUnknownAddress: undefined, hairpins: undefined }, ['unclear']],
    [
      'filtering',
      { throughServer: 'passes', fromUnknownAddress: 'unknown', fromOtherPort: 'unknown', displacesMapping: undefined },
      ['unclear'],
    ],
    ['hairpinning', { fromUnknownAddress: 'filtered', hairpins: undefined, native: 'unknown' }, ['unclear']],
    ['native', { hairpins: false, native: 'unknown', largePackets: undefined }, ['unclear']],
    ['size', { native: 'answers', largePackets: 'unknown', survivedSeconds: undefined }, ['unclear']],
    ['lifetime', { largePackets: 'passes', survivedSeconds: undefined, expiredSeconds: undefined }, []],
  ])('[CL-N-14] reports no filtering when the path is dead since %s', (from, findings, limits) => {
    for (const kind of ['address-restricted', 'port-restricted'] as const) {
      const net = internet();
      net.relay();
      let isDead = false;
      const lets = (_: Uint8Array, __: Ipv4Endpoint, stage: string) => {
        isDead ||= stage === from;
        return !isDead;
      };
      const found = probe(net, kind, { target: net.nativeHost().address, lifetimeLimitSeconds: 45, lets });
      expect(found.findings).toMatchObject(findings);
      expect(found.verdict.limits).toEqual(limits);
    }
  });

  it('[CL-N-14] reports no expiry when the path is dead only during the trial', () => {
    const net = internet();
    const options = { kind: 'port-restricted', mappingLifetimeMs: 1_000_000 } as const;
    let trials = 0;
    const lets = (payload: Uint8Array, _: Ipv4Endpoint, stage: string) => {
      if (stage !== 'lifetime' || isSolicitation(payload)) return true;
      trials += 1;
      return trials > 20;
    };
    const { findings } = probe(net, options, { lifetimeLimitSeconds: 30, lets });
    expect(findings).toMatchObject({ survivedSeconds: 30, expiredSeconds: undefined });
  });
});
