import { type Ipv6Value, parseIpv4 } from '@navalis/address';
import { describe, expect, it } from 'vitest';
import {
  bothKinds,
  bubble,
  client,
  clientEndpoint,
  relayLaboratory as laboratoryOf,
  localAddress,
  nativeHost,
  packet,
  type RelayLaboratory,
  serverEndpoint,
  teredo,
} from './laboratory.ts';

const toClient = packet(nativeHost, client);
const endpointOf = (n: number) => ({ address: parseIpv4('192.0.2.2')! + (n >>> 15), port: 1 + (n & 0x7fff) });

/** A client that the relay heard at `now`. */
function meet(relay: RelayLaboratory, address: Ipv6Value, endpoint: typeof clientEndpoint, now: number): void {
  relay.send(packet(nativeHost, address), now);
  relay.receive(bubble(address, localAddress), endpoint, now);
}

describe.each(bothKinds)('[HR-12] $name whose own endpoint changed', ({ options }) => {
  const relayLaboratory = (more = {}) => laboratoryOf({ ...options, ...more });
  const relayBubble = bubble(options.localAddress ?? localAddress, client);

  it('[RL-T-22] tells a client that was heard a moment ago at once, straight and through its server', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.receive(packet(client, nativeHost), clientEndpoint, 9_000);
    relay.engine.networkChanged(10_000);
    expect(relay.runUntil(10_000)).toEqual([
      { payload: relayBubble, ...clientEndpoint, portId: 0, at: 10_000 },
      { payload: relayBubble, ...serverEndpoint, portId: 0, at: 10_000 },
    ]);
    expect(relay.drops()).toEqual({});
    // Its answer ends it.
    relay.receive(bubble(client, localAddress), clientEndpoint, 10_100);
    expect(relay.runUntil(60_000)).toEqual([]);
    expect(relay.send(toClient, 10_200)).toEqual([{ payload: toClient, ...clientEndpoint, portId: 0 }]);
  });

  it('[RL-T-22] data waits for the answer, since no NAT lets it in before', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.engine.networkChanged(10_000);
    relay.runUntil(10_000);
    expect(relay.send(toClient, 10_050)).toEqual([]);
    expect(relay.receive(bubble(client, localAddress), clientEndpoint, 10_100)).toEqual([
      { payload: toClient, ...clientEndpoint, portId: 0 },
    ]);
  });

  it('[RL-T-22][RL-T-17] asks no earlier than 2 s after the last packet to the client', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.send(toClient, 9_500);
    relay.engine.networkChanged(10_000);
    expect(relay.runUntil(11_999)).toEqual([]);
    expect(relay.runUntil(12_000).map(({ payload }) => payload.length)).toEqual([40, 40]);
  });

  it('[RL-T-22] two bursts for a client without queued packets; two stay in reserve', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.engine.networkChanged(10_000);
    expect([relay.engine.nextDeadline(), relay.engine.deadlineReason()]).toEqual([10_000, 'renewal']);
    expect(relay.runUntil(120_000).map(({ at }) => at)).toEqual([10_000, 10_000, 12_000, 12_000]);
    expect(relay.engine.status().peers).toBe(1);
    expect(relay.outputs.takePackets()).toEqual([]);
    relay.send(toClient, 130_000);
    expect(relay.engine.deadlineReason()).toBe('peers');
    expect(relay.runUntil(133_999).map(({ at }) => at)).toEqual([132_000, 132_000]);
    expect(relay.drops()).toEqual({});
    // Four bursts were sent in all, and the last had its time.
    expect(relay.runUntil(134_000)).toEqual([]);
    expect(relay.drops()).toEqual({ unreachable: 1 });
    expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('[RL-T-22] whose endpoint changes again tells again, with the first row', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    for (const at of [10_000, 20_000]) {
      relay.engine.networkChanged(at);
      expect(relay.runUntil(at)).toHaveLength(2);
      relay.receive(bubble(client, localAddress), clientEndpoint, at + 100);
    }
  });

  it('[RL-T-22] whose endpoint changes again goes on with an attempt that is under way', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.engine.networkChanged(10_000);
    relay.runUntil(10_000);
    relay.engine.networkChanged(11_000);
    expect(relay.runUntil(60_000).map(({ at }) => at)).toEqual([12_000, 12_000]);
  });

  it('[RL-T-21][RL-T-22] after two unanswered changes stops asking, and refuses packets for the client', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    const bursts = [10_000, 16_000, 22_000].map((at) => {
      relay.engine.networkChanged(at);
      return relay.runUntil(at + 5_999).length / 2;
    });
    expect(bursts).toEqual([2, 2, 0]);
    expect(relay.engine.status().peers).toBe(1);
    expect(relay.send(toClient, 29_000)).toEqual([]);
    expect(relay.drops()).toEqual({ unreachable: 1 });
    expect(relay.engine.status().peers).toBe(0);
  });

  it('[RL-T-22] four bursts, then an error, when something waits', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.engine.networkChanged(10_000);
    relay.runUntil(10_000);
    relay.send(toClient, 10_001);
    expect(relay.runUntil(20_000).map(({ at }) => at)).toEqual([12_000, 12_000, 14_000, 14_000, 16_000, 16_000]);
    expect(relay.drops()).toEqual({ unreachable: 1 });
  });

  it('[RL-T-22] skips clients silent for 30 s, never heard, or already being contacted', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.send(packet(nativeHost, teredo(endpointOf(1))), 30_500);
    relay.runUntil(30_999);
    relay.engine.networkChanged(31_000);
    expect(relay.runUntil(32_499)).toEqual([]);
    expect(relay.runUntil(60_000).map(({ at }) => at)).toEqual([32_500, 32_500, 34_500, 34_500, 36_500, 36_500]);
    // One that was heard 29.999 s before is told.
    const other = relayLaboratory();
    meet(other, client, clientEndpoint, 1000);
    other.engine.networkChanged(30_999);
    expect(other.runUntil(30_999)).toHaveLength(2);
  });

  it('[RL-T-22] does not exceed the limits however often it is called', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    const bursts: number[] = [];
    for (let now = 5_000; now < 25_000; now += 100) {
      relay.engine.networkChanged(now);
      bursts.push(...relay.runUntil(now + 99).map(({ at }) => at));
    }
    expect(bursts.length).toBeLessThanOrEqual(8);
  });

  it('[RL-T-22] paces them: fifty in 50 ms, the whole table in turns', () => {
    const relay = relayLaboratory({ rateLimit: false });
    for (let n = 0; n < 1000; n++) meet(relay, teredo(endpointOf(n)), endpointOf(n), 1000);
    relay.engine.networkChanged(4_000);
    const first = relay.runUntil(4_000);
    expect(first).toHaveLength(100);
    const others = relay.runUntil(5_999);
    expect(others).toHaveLength(1900);
    expect(new Set([...first, ...others].map(({ address, port }) => `${address}:${port}`)).size).toBe(1001);
    for (let at = 4_050; at < 5_000; at += 50) expect(others.filter((sent) => sent.at === at)).toHaveLength(100);
  });

  it('[RL-T-22] does not hurry when another client is due in between', () => {
    const relay = relayLaboratory({ rateLimit: false });
    for (let n = 0; n < 110; n++) meet(relay, teredo(endpointOf(n)), endpointOf(n), 1000);
    relay.send(toClient, 2_020);
    relay.engine.networkChanged(4_000);
    expect(relay.runUntil(4_000)).toHaveLength(100);
    expect(relay.runUntil(4_020)).toHaveLength(2);
    expect(relay.runUntil(4_050)).toHaveLength(100);
    expect(relay.runUntil(4_100)).toHaveLength(20);
  });

  it.each([
    [33_999, 60],
    [34_000, 50],
  ])('[RL-T-22] is over after 30 s, however many are left: at %i ms %i were told', (now, told) => {
    const relay = relayLaboratory({ rateLimit: false });
    for (let n = 0; n < 60; n++) meet(relay, teredo(endpointOf(n)), endpointOf(n), 1000);
    relay.engine.networkChanged(4_000);
    const sent = relay.runUntil(4_000);
    relay.engine.handleDeadline(now);
    sent.push(
      ...relay.outputs.takeDatagrams().map((datagram) => ({ ...datagram, at: now })),
      ...relay.runUntil(60_000),
    );
    // Besides the server.
    expect(new Set(sent.map(({ address, port }) => `${address}:${port}`)).size).toBe(told + 1);
  });

  it('[RL-T-22] skips clients heard since the change', () => {
    const relay = relayLaboratory({ rateLimit: false });
    for (let n = 0; n < 55; n++) meet(relay, teredo(endpointOf(n)), endpointOf(n), 1000);
    const hear = (n: number, now: number) =>
      relay.receive(bubble(teredo(endpointOf(n)), localAddress), endpointOf(n), now);
    hear(53, 3_999);
    hear(52, 4_000);
    relay.engine.networkChanged(4_000);
    relay.runUntil(4_000);
    hear(54, 4_010);
    const ports = relay.runUntil(5_999).map(({ port }) => port);
    // Numbers 50, 51 and 53, each beside the server.
    expect(ports.filter((port) => port !== 3544)).toEqual([51, 52, 54]);
  });

  it.each([
    [16_384, 4_000],
    [16_385, 4_050],
  ])('[RL-T-22] looks at 16,384 clients in a turn: number %i is told at %i ms', (number, at) => {
    // Clients with the cone bit, which were never heard, come before.
    const relay = relayLaboratory({ rateLimit: false, trustsConeBit: true });
    for (let n = 1; n < number; n++) relay.send(packet(nativeHost, teredo(endpointOf(n), 0x8000)));
    meet(relay, client, clientEndpoint, 1000);
    relay.engine.networkChanged(4_000);
    expect(relay.runUntil(5_000).map((sent) => sent.at)).toEqual([at, at]);
  });

  it('[RL-T-22] ends with the relay', () => {
    const relay = relayLaboratory();
    meet(relay, client, clientEndpoint, 1000);
    relay.engine.networkChanged(2_000);
    relay.engine.stop(2_000);
    expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });
});
