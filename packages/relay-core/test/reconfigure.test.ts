import { parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { expect, it } from 'vitest';
import { clientEndpoint, nativeHost, packet, relayLaboratory, teredo } from './laboratory.ts';

it('[RL-T-19] a relay takes another limit of new clients, or none, and keeps its clients', () => {
  const relay = relayLaboratory();
  let port = 0;
  /** The number of new clients that get bubbles. */
  const scan = (count: number) => {
    let bubbles = 0;
    for (let each = 0; each < count; each++) {
      port += 1;
      bubbles += relay.send(packet(nativeHost, teredo({ ...clientEndpoint, port }))).length;
    }
    return bubbles / 2;
  };
  expect(scan(300)).toBe(200);
  relay.engine.reconfigure({ newClientsPerSecond: 7 });
  expect(scan(300)).toBe(14);
  relay.engine.reconfigure({ extraGlobalIpv6: [] });
  expect(scan(300)).toBe(0);
  relay.engine.reconfigure({ rateLimit: false });
  expect(scan(300)).toBe(300);
  expect(relay.engine.status().peers).toBe(514);
});

it('[SEC-37] a relay takes other ranges to treat as global', () => {
  const relay = relayLaboratory({ servedRanges: [parseIpv6Prefix('2001:db8::/32')!] });
  const fromDocumented = packet(parseIpv6('2001:db8::1')!, teredo(clientEndpoint));
  expect(relay.send(fromDocumented)).toHaveLength(0);
  relay.engine.reconfigure({ extraGlobalIpv6: [parseIpv6Prefix('2001:db8::/32')!] });
  relay.engine.reconfigure({ newClientsPerSecond: 7 });
  expect(relay.send(fromDocumented)).not.toHaveLength(0);
});
