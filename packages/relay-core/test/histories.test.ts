import { parseIpv4 } from '@navalis/address';
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
  teredo,
} from './laboratory.ts';

const toClient = packet(nativeHost, client);

/** One packet each second from `from` to `to`, both in seconds; answers when bursts left. */
function knock(relay: RelayLaboratory, from: number, to: number, target = toClient): number[] {
  const bursts: number[] = [];
  for (let second = from; second <= to; second++) {
    const now = 1000 * second;
    for (const { at } of relay.runUntil(now)) bursts.push(at / 1000);
    bursts.push(...relay.send(target, now).map(() => second));
  }
  // Each burst is two bubbles.
  return bursts.filter((_, index) => index % 2 === 0);
}

/** The most bursts in any 300 s. */
function mostInWindow(times: readonly number[]): number {
  return Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + 300).length));
}

const nth = (n: number) => teredo({ address: parseIpv4('192.0.2.2')! + (n >>> 15), port: 1 + (n & 0x7fff) });

describe.each(bothKinds)('[HR-12] $name and a client that does not answer', ({ options }) => {
  const relayLaboratory = (more = {}) => laboratoryOf({ ...options, ...more });

  it('[RL-T-17][RL-T-21] one packet a second for an hour: four bursts in any 300 s, the same ones again and again', () => {
    const relay = relayLaboratory();
    const bursts = knock(relay, 0, 3600);
    expect(bursts.slice(0, 8)).toEqual([0, 2, 4, 6, 300, 302, 304, 306]);
    expect(bursts).toHaveLength(4 * 13 - 3);
    expect(mostInWindow(bursts)).toBe(4);
  });

  it('[RL-T-09][RL-T-21] it counts as no client meanwhile, and every packet for it is refused at once', () => {
    const relay = relayLaboratory();
    knock(relay, 0, 8);
    expect(relay.engine.status().peers).toBe(0);
    expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    relay.outputs.takePackets();
    expect(relay.send(toClient, 9_000)).toEqual([]);
    const [error] = relay.outputs.takePackets();
    expect([error?.[40], error?.[41]]).toEqual([1, 3]);
    expect(error?.slice(48)).toEqual(toClient);
    // Eight waited without an answer; the ninth and this one were refused.
    expect(relay.drops()).toEqual({ unreachable: 10 });
  });

  it('[RL-T-17] a bubble that the spacing forbade is made up for by the next attempt, and no more than four leave', () => {
    const relay = relayLaboratory();
    relay.send(toClient);
    relay.receive(bubble(client, localAddress), clientEndpoint, 0);
    relay.send(toClient, 29_500);
    // Not at 30 s, within 2 s of data; then at 32, 34 and 36 s.
    const bursts = knock(relay, 30, 360);
    expect(bursts).toEqual([32, 34, 36, 38, 332, 334, 336, 338]);
  });

  it('[RL-T-21] when the first bubble has left the window, the others still count', () => {
    const relay = relayLaboratory();
    expect(knock(relay, 0, 0)).toEqual([0]);
    expect(knock(relay, 1, 8)).toEqual([2, 4, 6]);
    expect(knock(relay, 299, 301)).toEqual([300]);
    expect(knock(relay, 302, 310)).toEqual([302, 304, 306]);
  });

  it('[RL-T-19][RL-T-21] another attempt at it counts as a new client does', () => {
    const relay = relayLaboratory();
    knock(relay, 0, 8);
    for (let n = 0; n < 200; n++) relay.send(packet(nativeHost, nth(n)), 400_000);
    expect(relay.send(toClient, 400_000)).toEqual([]);
    expect(relay.drops()['rate-limited']).toBe(1);
    expect(relay.send(toClient, 400_010)).toHaveLength(2);
  });

  it('[RL-T-21] its row serves another client when room is needed, and tells that one nothing', () => {
    const relay = relayLaboratory({ maximumClients: 1 });
    knock(relay, 0, 8);
    const next = packet(nativeHost, nth(1));
    expect(knock(relay, 9, 20, next)).toEqual([9, 11, 13, 15]);
    // Room is worth more than the history: the first client may be asked again, from the limit on new clients' account.
    expect(knock(relay, 21, 21)).toEqual([21]);
  });

  it('[RL-T-21][CL-P-04] a client that was given up is evicted before any other, the oldest first', () => {
    const relay = relayLaboratory({ maximumClients: 3 });
    const trusted = { address: parseIpv4('192.0.2.9')!, port: 9 };
    knock(relay, 0, 8);
    knock(relay, 9, 17, packet(nativeHost, nth(1)));
    relay.send(packet(nativeHost, teredo(trusted)), 18_000);
    relay.receive(bubble(teredo(trusted), localAddress), trusted, 18_000);
    relay.send(packet(nativeHost, nth(2)), 18_000);
    expect(relay.send(packet(nativeHost, teredo(trusted)), 18_001)).toHaveLength(1);
    // The history of the second stands; that of the first went.
    expect(relay.send(packet(nativeHost, nth(1)), 18_002)).toEqual([]);
    expect(relay.engine.status().peers).toBe(2);
  });

  it('[RL-T-21][RL-T-19][RL-R-05] histories that have run out leave with new clients, the four oldest with each', () => {
    const relay = relayLaboratory({ rateLimit: false });
    for (let n = 0; n < 7; n++) relay.send(packet(nativeHost, nth(n)), n);
    relay.runUntil(9_000);
    // The last bubble for each left at 6 s; that of the seventh is not 300 s old yet.
    relay.send(packet(nativeHost, nth(200)), 306_005);
    expect(knownOf(relay, [4, 5, 6], 306_005)).toEqual([4, 5, 6]);
    expect(knownOf(relay, [0, 1, 2, 3], 306_005)).toEqual([]);
  });

  it('[RL-T-21] a history stays until its last bubble is 300 s old', () => {
    const relay = relayLaboratory({ rateLimit: false });
    for (let n = 0; n < 3; n++) relay.send(packet(nativeHost, nth(n)), n);
    relay.runUntil(9_000);
    relay.send(packet(nativeHost, nth(200)), 306_001);
    expect(knownOf(relay, [0, 1, 2], 306_001)).toEqual([2]);
  });

  it('[RL-T-21][CL-P-04] once it is asked again it is evicted before a client that proved itself', () => {
    const relay = relayLaboratory({ maximumClients: 2 });
    const trusted = { address: parseIpv4('192.0.2.9')!, port: 9 };
    const toTrusted = packet(nativeHost, teredo(trusted));
    knock(relay, 0, 8);
    relay.send(toTrusted, 290_000);
    relay.receive(bubble(teredo(trusted), localAddress), trusted, 290_000);
    expect(relay.send(toClient, 301_000)).toHaveLength(2);
    relay.send(packet(nativeHost, nth(1)), 301_001);
    expect(relay.send(toTrusted, 301_002).map(({ payload }) => payload)).toEqual([toTrusted]);
  });

  it('[RL-T-21] once it is asked again it counts as a client again', () => {
    const relay = relayLaboratory();
    knock(relay, 0, 8);
    expect(relay.engine.status().peers).toBe(0);
    relay.send(toClient, 400_000);
    expect(relay.engine.status().peers).toBe(1);
  });

  it('[RL-T-13][RL-T-19] packets while it is asked count as no new clients, and wait until the last bubble has had its time', () => {
    const relay = relayLaboratory();
    for (let count = 0; count < 300; count++) relay.send(toClient);
    expect(relay.drops()).toEqual({ 'queue-overflow': 292 });
    relay.runUntil(6_000);
    relay.send(packet(nativeHost, client, { tag: 9 }), 7_999);
    expect(relay.drops()).toEqual({ 'queue-overflow': 293 });
    const sent = relay.receive(bubble(client, localAddress), clientEndpoint, 7_999);
    expect(sent.map(({ payload }) => payload.at(-1))).toEqual([0, 0, 0, 0, 0, 0, 0, 9]);
  });
});

/** Returns those of these clients that the relay still knows: it accepts bubbles of no others (RL-R-05). */
function knownOf(relay: RelayLaboratory, numbers: readonly number[], now: number): number[] {
  return numbers.filter((n) => {
    const before = relay.drops()['peer-not-known'] ?? 0;
    const endpoint = { address: parseIpv4('192.0.2.2')! + (n >>> 15), port: 1 + (n & 0x7fff) };
    relay.receive(bubble(nth(n), localAddress), endpoint, now);
    return (relay.drops()['peer-not-known'] ?? 0) === before;
  });
}
