import { parseIpv6, parseIpv6Prefix } from '@navalis/address';
import { type Origin, RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { describe, expect, it } from 'vitest';
import { createServerEngine } from '../src/index.ts';
import type { ServerChanges } from '../src/options.ts';
import {
  alice,
  aliceEndpoint,
  bob,
  bubble,
  carol,
  echoRequest,
  policy,
  primary,
  relayEndpoint,
  secondary,
  solicitation,
} from './packets.ts';

function serve() {
  const outputs = new RecordingOutputs();
  const engine = createServerEngine({ primary, secondary, policy, rateLimit: true }, outputs, seededRandom(1));
  engine.start(0);
  return {
    reconfigure: (changes: ServerChanges) => engine.reconfigure(changes),
    drops: () => engine.status().counters.drops,
    /** Returns the number of datagrams and packets that a datagram causes. */
    send(payload: Uint8Array, from: Origin = aliceEndpoint): number {
      receiveDatagram(engine, payload, from, 0);
      return outputs.takeDatagrams().length + outputs.takePackets().length;
    },
  };
}

const times = (count: number, send: () => number) =>
  Array.from({ length: count }, send).reduce((sum, each) => sum + each, 0);

describe('the options of a running server', () => {
  it('[SV-A-19a] replace the limits, which begin with full shares', () => {
    const server = serve();
    expect(times(300, () => server.send(solicitation))).toBe(200);
    server.reconfigure({ solicitationsBurst: 7 });
    expect(times(300, () => server.send(solicitation))).toBe(7);
    server.reconfigure({ forwardsPerSecond: 3 });
    expect(times(300, () => server.send(bubble(alice, bob)))).toBe(6);
    server.reconfigure({ solicitationsPerSecond: 50 });
    expect(times(300, () => server.send(solicitation))).toBe(7);
    server.reconfigure({ rateLimit: false });
    expect(times(300, () => server.send(solicitation))).toBe(300);
    expect(times(300, () => server.send(bubble(alice, bob)))).toBe(300);
  });

  it('[SV-A-19a][SEC-37] leave the limits and ranges alone that they do not name', () => {
    const server = serve();
    const documented = parseIpv6('2001:db8::1')!;
    server.reconfigure({ extraGlobalIpv6: [parseIpv6Prefix('2001:db8::/32')!] });
    expect(times(300, () => server.send(solicitation))).toBe(200);
    server.reconfigure({ forwardsPerSecond: 3 });
    expect(times(300, () => server.send(bubble(alice, bob)))).toBe(6);
    server.reconfigure({ strictSourceCheck: true });
    expect([server.send(solicitation), server.send(bubble(alice, bob))]).toEqual([0, 0]);
    server.reconfigure({ solicitationsBurst: 7, forwardsPerSecond: 3 });
    expect(server.send(echoRequest(alice, documented))).toBe(1);
  });

  it('replace the checks, and leave the others as they were', () => {
    const server = serve();
    const otherPort = { ...aliceEndpoint, port: 9 };
    expect(server.send(bubble(alice, bob), otherPort)).toBe(1);
    server.reconfigure({ strictSourceCheck: true });
    expect(server.send(bubble(alice, bob), otherPort)).toBe(0);
    expect(server.send(bubble(alice, carol))).toBe(1);
    server.reconfigure({ onlyOwnClients: true });
    expect(server.send(bubble(alice, carol))).toBe(0);
    expect(server.send(bubble(alice, bob), otherPort)).toBe(0);
    expect(server.send(solicitation)).toBe(1);
    server.reconfigure({ requireSecure: true });
    expect(server.send(solicitation)).toBe(0);
    expect(server.drops()).toMatchObject({ 'destination-not-served': 1, 'authentication-failed': 1 });
  });

  it('[SEC-37] replace the ranges to treat as global', () => {
    const server = serve();
    const documented = parseIpv6('2001:db8::1')!;
    expect(server.send(echoRequest(alice, documented))).toBe(0);
    server.reconfigure({ extraGlobalIpv6: [parseIpv6Prefix('2001:db8::/32')!] });
    expect(server.send(echoRequest(alice, documented))).toBe(1);
    server.reconfigure({ extraGlobalIpv6: [] });
    expect(server.send(echoRequest(alice, documented), relayEndpoint)).toBe(0);
  });
});
