import { parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import { bubble, client, clientEndpoint, nativeHost, packet, relayLaboratory, serverEndpoint } from './laboratory.ts';

const host = (ownIpv4: string) =>
  relayLaboratory({
    kind: 'host',
    localAddress: nativeHost,
    servedRanges: [{ address: nativeHost, length: 128 }],
    ownIpv4Addresses: [parseIpv4(ownIpv4)!],
  });

describe('a host-specific relay', () => {
  it('[HR-10a] sends nothing by itself in a day, whether it knows clients or not', () => {
    const relay = host('192.168.1.2');
    expect(relay.runUntil(86_400_000)).toEqual([]);
    const now = 86_400_000;
    relay.send(packet(nativeHost, client), now);
    relay.receive(packet(client, nativeHost), clientEndpoint, now + 1);
    expect(relay.engine.status().peers).toBe(1);
    expect(relay.runUntil(now + 86_400_000)).toEqual([]);
  });

  it.each([
    ['a public', '198.51.100.50'],
    ['a private', '192.168.1.2'],
    ["a carrier's", '100.64.0.9'],
  ])('[HR-10b][HR-08] at %s address sends the direct bubble beside the indirect one', (_, ownIpv4) => {
    const bubbles = { payload: bubble(nativeHost, client), portId: 0 };
    expect(host(ownIpv4).send(packet(nativeHost, client))).toEqual([
      { ...bubbles, ...clientEndpoint },
      { ...bubbles, ...serverEndpoint },
    ]);
  });
});
