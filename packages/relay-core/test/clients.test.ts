import { parseIpv4, parseIpv6 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import {
  bubble,
  client,
  clientEndpoint,
  localAddress,
  nativeHost,
  packet,
  relayLaboratory,
  serverEndpoint,
  teredo,
} from './laboratory.ts';

const toClient = packet(nativeHost, client);

describe('the list of clients', () => {
  it('[RL-A-05][CL-P-03][CL-P-09] each has its endpoint, trust, times and bubbles, as the peers of a client have', () => {
    const relay = relayLaboratory();
    const sibling = teredo(clientEndpoint, 0x1234);
    const sends = (now: number, to = client) =>
      relay.send(packet(nativeHost, to), now).map(({ payload }) => payload.length);
    expect(sends(0)).toEqual([40, 40]);
    // One that shares the endpoint is one of its own: its trust is not this one's.
    relay.receive(bubble(sibling, localAddress), clientEndpoint, 100);
    expect(relay.drops()).toEqual({ 'peer-not-known': 1 });
    expect(relay.receive(bubble(client, localAddress), clientEndpoint, 100)).toHaveLength(1);
    expect(sends(200, sibling)).toEqual([40, 40]);
    // Trusted for 30 s after the last packet from it.
    expect(sends(30_099)).toEqual([60]);
    expect(sends(33_000)).toEqual([40, 40]);
    // No more than four bubbles in 300 s while no answer comes; an answer clears the history.
    const bursts = relay.runUntil(60_000).filter(({ payload }) => payload.length === 40);
    expect(bursts).toHaveLength(2 * (3 + 3));
    expect(sends(61_000)).toEqual([]);
    relay.receive(bubble(client, localAddress), clientEndpoint, 62_000);
    expect(sends(92_000)).toEqual([40, 40]);
  });

  it('[RL-A-05] when it is full, the one that was heard least recently is evicted', () => {
    const relay = relayLaboratory({ rateLimit: false });
    const nth = (n: number) => teredo({ address: parseIpv4('192.0.2.1')! + (n >>> 15), port: 1 + (n & 0x7fff) });
    const trusted = { address: parseIpv4('203.0.113.9')!, port: 9 };
    relay.send(packet(nativeHost, teredo(trusted)));
    relay.receive(bubble(teredo(trusted), localAddress), trusted);
    for (let n = 0; n < 65_536; n++) relay.send(packet(nativeHost, nth(n)), 1);
    expect(relay.engine.status().peers).toBe(65_536);
    expect(relay.send(packet(nativeHost, teredo(trusted)), 2)).toHaveLength(1);
    const first = { address: parseIpv4('192.0.2.1')!, port: 1 };
    relay.receive(bubble(nth(0), localAddress), first, 2);
    expect(relay.drops()).toMatchObject({ 'peer-not-known': 1 });
  });

  it('[RL-A-03] sends and receives through the service port alone', () => {
    const relay = relayLaboratory();
    const sent = [
      ...relay.send(toClient),
      ...relay.runUntil(2_000),
      ...relay.receive(bubble(client, localAddress), clientEndpoint, 2_100),
    ];
    expect(sent).toHaveLength(5);
    expect(new Set(sent.map(({ portId }) => portId))).toEqual(new Set([0]));
  });
});

describe('a host-specific relay', () => {
  it.each([
    ['a 6to4 address', '2002:808:808::1'],
    ['a global address that is not 6to4', '2a00:7::1'],
    ['an ISATAP address', '2a00:7::5efe:808:808'],
    ['an ISATAP address of a global IPv4 address', '2a00:7::200:5efe:808:808'],
  ])('[HR-15] works from %s', (_kind, text) => {
    const own = parseIpv6(text)!;
    const relay = relayLaboratory({ kind: 'host', localAddress: own, servedRanges: [{ address: own, length: 128 }] });
    expect(relay.send(packet(own, client)).map(({ payload }) => payload)).toEqual([
      bubble(own, client),
      bubble(own, client),
    ]);
    expect(relay.receive(packet(client, own)).map(({ payload }) => payload)).toEqual([packet(own, client)]);
    expect(relay.outputs.takePackets()).toEqual([packet(client, own)]);
  });

  it("[HR-13] answers a client's connectivity test, which came over the IPv6 Internet, from its own port", () => {
    const own = parseIpv6('2a00:7::1')!;
    const relay = relayLaboratory({ kind: 'host', localAddress: own, servedRanges: [{ address: own, length: 128 }] });
    const reply = packet(own, client, { nextHeader: 58, octets: 56 });
    const bubbles = relay.send(reply);
    expect(bubbles.map(({ address, port }) => ({ address, port }))).toEqual([clientEndpoint, serverEndpoint]);
    // The bubble went through the client's server, which tells the client where this relay is; it answers there.
    expect(relay.receive(bubble(client, own), clientEndpoint, 100)).toEqual([
      { payload: reply, ...clientEndpoint, portId: 0 },
    ]);
  });
});
