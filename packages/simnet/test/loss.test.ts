import { describe, expect, it } from 'vitest';
import { forEachSeed, type Ipv6Host, internet } from '../src/index.ts';
import { firstContact, roughPath } from '../src/scenarios/first-contact.ts';

describe('rough paths', () => {
  it('30 % loss and 20 % reordering: every seed connects in the end', () => {
    forEachSeed(40, (seed) => {
      expect(firstContact(seed, roughPath).connectedMs).toBeGreaterThan(firstContact(seed, {}).connectedMs);
    });
  });

  it('without loss, two clients start and meet within a second', () => {
    forEachSeed(10, (seed) => expect(firstContact(seed, {}).connectedMs).toBeLessThan(1000));
  });

  it.each([300, 900, 1500])('%s ms each way: clients, relays and host-specific relays still connect', (latencyMs) => {
    const net = internet({ core: { latencyMs } });
    const [alice, bob] = Array.from({ length: 2 }, () => net.client({ nat: 'port-restricted', server: net.server() }));
    net.relay();
    const [host, ownRelay] = [net.nativeHost(), net.hostRelay({ nat: 'port-restricted' })];
    net.until('both have an address', () => alice!.isQualified && bob!.isQualified);
    const pairs: [Ipv6Host, Ipv6Host][] = [
      [alice!, bob!],
      [alice!, host],
      [host, bob!],
      [ownRelay, bob!],
      [alice!, ownRelay],
    ];
    for (const [from, to] of pairs) {
      const ping = from.ping(to, 1000);
      net.until(`${from.name} reaches ${to.name}`, () => ping.answeredAt !== undefined, 30_000);
    }
  });
});
