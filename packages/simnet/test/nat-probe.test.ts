import type { Verdict } from '@navalis/nat-probe';
import { describe, expect, it } from 'vitest';
import { forEachSeed, type Internet, internet, type NatKind, type NatOptions } from '../src/index.ts';
import { natNames, probe } from '../src/scenarios/diagnosis.ts';

function verdict(net: Internet, nat: NatKind | NatOptions | undefined): Verdict {
  return probe(net, nat).verdict;
}

describe('a probe by a server alone', () => {
  it.each(Object.keys(natNames) as NatKind[])('names %s, whatever the seed', (kind) => {
    forEachSeed(10, (seed) => {
      expect(verdict(internet({ seed }), kind).nat).toBe(natNames[kind]);
    });
  });

  it.each(Object.keys(natNames) as NatKind[])('names %s over paths that lose one in ten', (kind) => {
    forEachSeed(10, (seed) => {
      expect(verdict(internet({ seed, core: { latencyMs: 60, loss: 0.1, reordering: 0.1 } }), kind).nat).toBe(
        natNames[kind],
      );
    });
  });

  it.each([1, 2] as const)('sees the step of a sequence of ports: %i', (portDelta) => {
    expect(verdict(internet(), { kind: 'SQS', portDelta }).portStep).toBe(portDelta);
  });

  it('says when there is no NAT', () => {
    expect(verdict(internet(), undefined)).toMatchObject({ nat: 'none', isUsable: true, preservesPorts: true });
  });

  it.each([true, false])('sees whether the NAT hairpins: %s', (hairpinning) => {
    for (const kind of ['C', 'AR', 'PR'] as const) {
      expect(probe(internet(), { kind, hairpinning }).findings.hairpins).toBe(hairpinning);
    }
  });

  it('sees the NAT that matters when one stands behind another', () => {
    const net = internet();
    const outer = net.nat('PR');
    expect(verdict(net, { kind: 'C', behind: outer }).nat).toBe('port-restricted');
    expect(verdict(net, { kind: 'PS', behind: net.nat('C') }).nat).toBe('port-symmetric');
  });

  it.each([
    [25_000, { survivedSeconds: 20, expiredSeconds: 30 }],
    [75_000, { survivedSeconds: 60, expiredSeconds: 90 }],
    [1_000_000, { survivedSeconds: 120, expiredSeconds: undefined }],
    [15_000, { survivedSeconds: undefined, expiredSeconds: 20 }],
  ])('finds how long a mapping lives without traffic: %i ms', (mappingLifetimeMs, expected) => {
    for (const kind of ['C', 'PR'] as const) {
      expect(probe(internet(), { kind, mappingLifetimeMs }, 120).findings).toMatchObject(expected);
    }
  });

  it('ends soon where nobody answers, and says what that means', () => {
    const net = internet({ core: { loss: 1 } });
    const silent = probe(net, 'PR');
    expect(silent.verdict).toMatchObject({ nat: 'blocked', isUsable: false, preservesPorts: undefined });
    expect(net.clock.now).toBeLessThan(10_000);
  });
});
