import { noExtensions } from '@navalis/traversal';
import { describe, expect, it } from 'vitest';
import { type ClientNode, forEachSeed, type Internet, internet, supportedNatKinds } from '../src/index.ts';

/** Returns true if content arrives unchanged from one client to the other. */
function reaches(net: Internet, from: ClientNode, to: ClientNode): boolean {
  net.until('both have an address', () => from.isQualified && to.isQualified);
  const transfer = from.transfer(to, 20_000);
  net.until('the transfer is complete', () => transfer.completedAt !== undefined);
  return transfer.isIntact;
}

const options = { extensions: noExtensions };

describe('two clients behind one NAT', () => {
  it.each(['cone', 'address-restricted', 'port-restricted'] as const)('%s that hairpins: they connect', (kind) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat({ kind, hairpinning: true });
      const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server() }));
      expect(reaches(net, alice!, bob!)).toBe(true);
      expect(reaches(net, bob!, alice!)).toBe(true);
    });
  });

  it.each(supportedNatKinds)('[HP-19] %s that does not hairpin: they connect at their local addresses', (kind) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat(kind);
      const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server() }));
      expect(reaches(net, alice!, bob!)).toBe(true);
      expect(reaches(net, bob!, alice!)).toBe(true);
    });
  });

  it('that does not hairpin, without the extension: the host gets an error within 8 s', () => {
    const net = internet();
    const nat = net.nat('port-restricted');
    const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat, server: net.server(), options }));
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
    ['cone', 'port-restricted'],
    ['port-restricted', 'cone'],
    ['address-restricted', 'port-restricted'],
    ['port-restricted', 'port-restricted'],
  ] as const)('[CL-C-11] %s behind %s: it connects both ways', (inner, outer) => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat({ kind: inner, behind: net.nat(outer) });
      const alice = net.client({ nat, server: net.server() });
      const bob = net.client({ nat: 'port-restricted', server: net.server() });
      expect(reaches(net, alice, bob)).toBe(true);
      expect(reaches(net, bob, alice)).toBe(true);
    });
  });

  it('[CL-C-11] addresses behind the NAT that look global do not matter', () => {
    const net = internet();
    const nat = net.nat({ kind: 'port-restricted', insideAddress: '8.200.1.7' });
    const alice = net.client({ nat, server: net.server() });
    const bob = net.client({ nat: 'port-restricted', server: net.server() });
    expect(reaches(net, alice, bob)).toBe(true);
    expect(alice.status.nat).toBe('restricted');
    expect(nat.addresses).toContain(alice.status.mapped!.address);
  });

  it('[CL-Q-23] one symmetric NAT among them is enough for off-line without extensions', () => {
    const net = internet();
    const nat = net.nat({ kind: 'cone', behind: net.nat('port-symmetric') });
    const alice = net.client({ nat, server: net.server(), options });
    net.until('off-line', () => alice.status.state === 'off-line', 24_000);
    expect(alice.status.offlineReason).toBe('symmetric');
  });
});

describe('a symmetric NAT with a reserved port', () => {
  it('[CL-N-08][CL-C-04] shows equal mappings: the client qualifies and connects both ways', () => {
    forEachSeed(4, (seed) => {
      const net = internet({ seed });
      const nat = net.nat('port-symmetric');
      const alice = net.client({ nat, port: 50_123, server: net.server(), stopped: true });
      const mapped = nat.reserve(alice.host.service.local, 50_123);
      alice.start();
      const bob = net.client({ nat: 'port-restricted', server: net.server() });
      expect(reaches(net, alice, bob)).toBe(true);
      expect(reaches(net, bob, alice)).toBe(true);
      expect(alice.status.mapped).toEqual(mapped);
      expect(alice.status.nat).toBe('restricted');
    });
  });
});

describe('time goes by', () => {
  it('after five silent minutes, when all mappings have expired, a packet opens the path again', () => {
    forEachSeed(8, (seed) => {
      const net = internet({ seed });
      const [alice, bob] = Array.from({ length: 2 }, () =>
        net.client({ nat: 'port-restricted', server: net.server() }),
      );
      expect(reaches(net, alice!, bob!)).toBe(true);
      net.run(300_000);
      const ping = bob!.ping(alice!);
      net.until('the packet that opened it is answered', () => ping.answeredAt !== undefined, 1000);
    });
  });

  it('[CL-M-01][CL-M-08] a day in one place: one address, kept by a solicitation every 22.5 to 30 s', () => {
    const day = 86_400_000;
    const net = internet();
    const alice = net.client({ nat: { kind: 'port-restricted', mappingLifetimeMs: 31_000 }, server: net.server() });
    net.run(day);
    expect(alice.events.map(({ kind }) => kind)).toEqual(['started', 'qualification-started', 'address-assigned']);
    const { solicitationsSent } = alice.status.counters;
    expect(solicitationsSent).toBeGreaterThan(day / 30_000);
    expect(solicitationsSent).toBeLessThan(day / 22_500 + 2);
  });
});

describe('the service port', () => {
  it('[CL-C-05][CL-C-04] solicitations, bubbles, tests and data leave from it and from no other port', () => {
    const net = internet();
    const nat = net.nat('port-restricted');
    const ports = new Set<number>();
    nat.inside.observers.push((datagram, from) => {
      if (from.name === 'alice') ports.add(datagram.sourcePort);
    });
    const alice = net.client({ name: 'alice', nat, port: 50_123, server: net.server() });
    const bob = net.client({ nat: 'port-restricted', server: net.server() });
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
