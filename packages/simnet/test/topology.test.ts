import { describe, expect, it } from 'vitest';
import { type ClientNode, forEachSeed, type Internet, internet } from '../src/index.ts';

/** Whether content arrives unchanged from one client to the other. */
function reaches(net: Internet, from: ClientNode, to: ClientNode): boolean {
  net.until('both have an address', () => from.isQualified && to.isQualified);
  const transfer = from.transfer(to, 20_000);
  net.until('the transfer is complete', () => transfer.completedAt !== undefined);
  return transfer.isIntact;
}

describe('two clients behind one NAT', () => {
  it.each(['C', 'AR', 'PR'] as const)('%s that hairpins: they connect', (kind) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat({ kind, hairpinning: true });
      const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server() }));
      expect(reaches(net, alice!, bob!)).toBe(true);
      expect(reaches(net, bob!, alice!)).toBe(true);
    });
  });

  it('that does not hairpin: the host is told within 8 s', () => {
    const net = internet();
    const nat = net.nat('PR');
    const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server() }));
    net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
    const ping = alice!.ping(bob!);
    net.run(9000);
    expect(ping.answeredAt).toBeUndefined();
    expect(alice!.errors.map(({ type }) => type)).toEqual([1]);
    expect(alice!.errors[0]!.at - ping.startedAt).toBeLessThanOrEqual(8000);
  });
});

describe('NATs behind NATs', () => {
  it.each([
    ['C', 'PR'],
    ['PR', 'C'],
    ['AR', 'PR'],
    ['PR', 'PR'],
  ] as const)('[CL-C-11] %s behind %s: it connects both ways', (inner, outer) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat({ kind: inner, behind: net.nat(outer) });
      const alice = net.client({ nat, server: net.server() });
      const bob = net.client({ nat: 'PR', server: net.server() });
      expect(reaches(net, alice, bob)).toBe(true);
      expect(reaches(net, bob, alice)).toBe(true);
    });
  });

  it('[CL-C-11] addresses behind the NAT that look global do not matter', () => {
    const net = internet();
    const nat = net.nat({ kind: 'PR', insideAddress: '8.200.1.7' });
    const alice = net.client({ nat, server: net.server() });
    const bob = net.client({ nat: 'PR', server: net.server() });
    expect(reaches(net, alice, bob)).toBe(true);
    expect(alice.status.nat).toBe('restricted');
    expect(nat.addresses).toContain(alice.status.mapped!.address);
  });

  it('[CL-Q-23] one symmetric NAT among them is enough for off-line', () => {
    const net = internet();
    const nat = net.nat({ kind: 'C', behind: net.nat('PS') });
    const alice = net.client({ nat, server: net.server() });
    net.until('off-line', () => alice.status.state === 'off-line', 24_000);
    expect(alice.status.offlineReason).toBe('symmetric');
  });
});

describe('the service port', () => {
  it('[CL-C-05][CL-C-04] solicitations, bubbles, tests and data leave from it and from nothing else', () => {
    const net = internet();
    const nat = net.nat('PR');
    const ports = new Set<number>();
    nat.inside.observers.push((datagram, from) => {
      if (from.name === 'alice') ports.add(datagram.sourcePort);
    });
    const alice = net.client({ name: 'alice', nat, port: 50_123, server: net.server() });
    const bob = net.client({ nat: 'PR', server: net.server() });
    net.relay();
    const host = net.nativeHost();
    expect(reaches(net, alice, bob)).toBe(true);
    const transfer = alice.transfer(host, 10_000);
    net.until('the transfer is complete', () => transfer.completedAt !== undefined);
    net.run(120_000);
    expect([...ports]).toEqual([50_123]);
    expect(alice.status.counters).toMatchObject({
      solicitationsSent: expect.any(Number),
      bubblesSent: expect.any(Number),
    });
    expect(alice.status.counters.solicitationsSent).toBeGreaterThan(4);
    expect(alice.status.counters.bubblesSent).toBeGreaterThan(0);
  });
});
