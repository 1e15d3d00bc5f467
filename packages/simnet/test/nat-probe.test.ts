import { Ipv4Policy } from '@navalis/address';
import { type NatName, NatProbe, socketsNeeded, type Verdict } from '@navalis/nat-probe';
import { describe, expect, it } from 'vitest';
import { forEachSeed, type Internet, internet, type NatKind, type NatOptions, type UdpSocket } from '../src/index.ts';

const names: Readonly<Record<NatKind, NatName>> = {
  C: 'cone',
  AR: 'address-restricted',
  PR: 'port-restricted',
  // What UPnP would open nobody asked it to.
  UPR: 'port-restricted',
  UPS: 'port-symmetric',
  PPS: 'port-preserving-symmetric',
  SQS: 'sequential-symmetric',
  PS: 'port-symmetric',
  AS: 'address-symmetric',
};

/** Runs a probe on a host of the virtual Internet. */
function probe(net: Internet, nat: NatKind | NatOptions | undefined, lifetimeLimitSeconds = 0): NatProbe {
  const server = net.server();
  const host = net.udpHost(nat === undefined ? {} : { nat });
  const sockets: UdpSocket[] = [];
  for (let index = 0; index < socketsNeeded(lifetimeLimitSeconds); index++) {
    sockets.push(host.socket((payload, from) => natProbe.handleDatagram(index, payload, from, net.clock.now)));
  }
  const natProbe = new NatProbe(
    {
      primary: server.primary,
      secondary: server.secondary,
      policy: new Ipv4Policy({ strictness: 'rfc4380' }),
      locals: sockets.map(({ local }) => local),
      lifetimeLimitSeconds,
    },
    {
      send: (socket, payload, to) => sockets[socket]?.send(payload.slice(), to),
      stageDone: () => undefined,
      random: host.random,
    },
  );
  natProbe.start(net.clock.now);
  while (!natProbe.isDone) {
    const now = net.clock.now;
    net.run(Math.max(1, Math.min(natProbe.nextDeadline() - now, 50)));
    natProbe.handleDeadline(net.clock.now);
    if (net.clock.now > 2_000_000) throw new Error(`stuck in ${natProbe.stage}`);
  }
  return natProbe;
}

function verdict(net: Internet, nat: NatKind | NatOptions | undefined): Verdict {
  return probe(net, nat).verdict;
}

describe('a probe by a server alone', () => {
  it.each(Object.keys(names) as NatKind[])('names %s, whatever the seed', (kind) => {
    forEachSeed(10, (seed) => {
      expect(verdict(internet({ seed }), kind).nat).toBe(names[kind]);
    });
  });

  it.each(Object.keys(names) as NatKind[])('names %s over paths that lose one in ten', (kind) => {
    forEachSeed(10, (seed) => {
      expect(verdict(internet({ seed, core: { latencyMs: 60, loss: 0.1, reordering: 0.1 } }), kind).nat).toBe(
        names[kind],
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
