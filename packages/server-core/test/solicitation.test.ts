import { parseIpv4, serverLinkLocal, writeIpv6 } from '@navalis/address';
import { type Origin, RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import { writeIcmpv6Checksum } from '@navalis/wire';
import { describe, expect, it } from 'vitest';
import { createServerEngine, type ServerOptions } from '../src/index.ts';
import {
  advertisement,
  aliceEndpoint,
  bytesOf,
  join,
  nonceAuthentication,
  policy,
  primary,
  secondary,
  solicitation,
} from './packets.ts';

const originOfAlice = bytesOf('0000efff3ffffdfe');

function serve(options: Partial<ServerOptions> = {}) {
  const outputs = new RecordingOutputs();
  const engine = createServerEngine(
    { primary, secondary, policy, rateLimit: true, ...options },
    outputs,
    seededRandom(1),
  );
  engine.start(0);
  return {
    outputs,
    drops: () => engine.status().counters.drops,
    ask(payload: Uint8Array, from: Origin = aliceEndpoint, now = 0) {
      receiveDatagram(engine, payload, from, now);
      return outputs.takeDatagrams();
    },
  };
}

/** The solicitation of docs/conformance/packet-layouts.md with some octets changed and its checksum made right again. */
function solicitationWith(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = solicitation.slice();
  change(bytes);
  writeIcmpv6Checksum(bytes, 0);
  return bytes;
}

const withConeBit = solicitationWith((bytes) => {
  bytes[16] = 0x80;
});

describe('answers to router solicitations', () => {
  it('[SV-R-04][SV-A-01][SV-A-02][SV-A-03][SV-A-05][SV-A-14][SV-A-16][SV-A-17] origin and advertisement, byte for byte', () => {
    const server = serve();
    const answers = server.ask(solicitation);
    expect(answers).toEqual([{ payload: join(originOfAlice, advertisement), ...aliceEndpoint, portId: 0 }]);
  });

  it('[SV-A-13][SV-A-15][IO-04][WF-08] a nonce is echoed in a nonce-only Authentication before the origin', () => {
    const server = serve();
    const [answer] = server.ask(join(nonceAuthentication, solicitation));
    expect(answer?.payload).toEqual(join(nonceAuthentication, originOfAlice, advertisement));
  });

  it('[SV-A-04] the destination is the source of the solicitation, however odd its identifier', () => {
    const odd = bytesOf('fe80000000000000 4fff ffff ffff ffff');
    const server = serve();
    const [answer] = server.ask(solicitationWith((bytes) => bytes.set(odd, 8)));
    expect(answer?.payload.slice(8 + 24, 8 + 40)).toEqual(odd);
  });

  it('[SV-A-06][R5-08] with the cone bit the answer leaves from the other address', () => {
    const server = serve();
    expect(server.ask(withConeBit, { ...aliceEndpoint, portId: 0 })[0]?.portId).toBe(1);
    expect(server.ask(withConeBit, { ...aliceEndpoint, portId: 1 })[0]?.portId).toBe(0);
  });

  it('[SV-A-07][SV-C-03] without the cone bit the answer leaves from the same address', () => {
    const server = serve();
    expect(server.ask(solicitation, { ...aliceEndpoint, portId: 1 })[0]?.portId).toBe(1);
  });

  it('[SV-A-03][R5-09] the source is the primary link-local address, also from the secondary socket', () => {
    const server = serve();
    const [answer] = server.ask(solicitation, { ...aliceEndpoint, portId: 1 });
    const expected = new Uint8Array(16);
    writeIpv6(expected, 0, serverLinkLocal(primary));
    expect(answer?.payload.slice(8 + 8, 8 + 24)).toEqual(expected);
    expect(expected[8]! & 0x80).toBe(0x80);
  });

  it('[SV-C-09] a server with one address leaves solicitations with the cone bit unanswered', () => {
    const server = serve({ secondary: undefined });
    expect(server.ask(withConeBit)).toEqual([]);
    expect(server.drops()).toEqual({ 'no-secondary-address': 1 });
    expect(server.ask(solicitation)).toHaveLength(1);
  });

  it('[SV-A-18][SV-R-12][WF-24] an invalid solicitation is not answered', () => {
    const server = serve();
    expect(
      server.ask(
        solicitationWith((bytes) => {
          bytes[7] = 254;
        }),
      ),
    ).toEqual([]);
    const badChecksum = solicitation.slice();
    badChecksum[47]! ^= 1;
    expect(server.ask(badChecksum)).toEqual([]);
    expect(server.drops()).toEqual({ 'invalid-router-solicitation': 2 });
  });

  it('[SV-A-08][SV-R-03] a source that is not global unicast gets no answer', () => {
    const server = serve();
    for (const text of ['10.0.0.1', '127.0.0.1', '192.168.1.1', '224.0.0.253', '255.255.255.255', '0.0.0.0']) {
      expect(server.ask(solicitation, { address: parseIpv4(text)!, port: 4096 })).toEqual([]);
    }
    expect(server.drops()).toEqual({ 'source-not-global': 6 });
  });

  it.each<[string, Partial<ServerOptions>, number, number]>([
    ['50 per second and source, with a burst of 200', {}, 200, 50],
    ['what is configured', { solicitationsPerSecond: 10, solicitationsBurst: 20 }, 20, 10],
  ])('[SV-A-19a][SEC-14] answers are limited to %s', (_, options, burst, perSecond) => {
    const server = serve(options);
    const askOften = (times: number, now: number) =>
      Array.from({ length: times }, () => server.ask(solicitation, aliceEndpoint, now).length).reduce(
        (a, b) => a + b,
        0,
      );
    expect(askOften(500, 0)).toBe(burst);
    expect(askOften(500, 1000)).toBe(perSecond);
    expect(server.drops()).toEqual({ 'rate-limited': 1000 - burst - perSecond });
    expect(server.ask(solicitation, { address: parseIpv4('198.51.100.9')!, port: 1 }, 1000)).toHaveLength(1);
    // A day of silence earns a burst and no more; the port and the address that is asked make no other source.
    const day = 86_400_000;
    expect(askOften(500, day)).toBe(burst);
    expect(server.ask(solicitation, { ...aliceEndpoint, port: 9, portId: 1 }, day)).toEqual([]);
  });

  it('[SV-A-19c][SEC-16] a victim whose address is forged gets 7.5 kB in a second, and 1.74 times what the forger sent', () => {
    // With the IPv4 and UDP headers on both sides, 28 octets.
    const octets = (datagrams: readonly { payload: Uint8Array }[]) =>
      datagrams.reduce((sum, { payload }) => sum + payload.length + 28, 0);
    for (const question of [solicitation, join(nonceAuthentication, solicitation)]) {
      const server = serve();
      const answer = octets(server.ask(question));
      expect(answer / (question.length + 28)).toBeLessThan(1.74);
      for (let now = 0; now < 60_000; now += 5) server.ask(question, aliceEndpoint, now);
      let later = 0;
      for (let now = 60_000; now < 70_000; now += 5) later += octets(server.ask(question, aliceEndpoint, now));
      expect(later / 10).toBeLessThanOrEqual(7_500);
    }
  });

  it('[SV-A-19a] the limits can be switched off', () => {
    const server = serve({ rateLimit: false });
    for (let i = 0; i < 100; i++) expect(server.ask(solicitation)).toHaveLength(1);
  });

  it('[SV-F-13] a solicitation with an origin is dropped', () => {
    const server = serve();
    expect(server.ask(join(originOfAlice, solicitation))).toEqual([]);
    expect(server.drops()).toEqual({ 'injected-element': 1 });
  });
});
