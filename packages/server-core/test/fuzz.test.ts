import { RecordingOutputs, receiveDatagram, seededRandom } from '@navalis/engine/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createServerEngine } from '../src/index.ts';
import {
  alice,
  aliceEndpoint,
  bob,
  bubble,
  carol,
  echoRequest,
  join,
  nativeHost,
  nonceAuthentication,
  policy,
  primary,
  relayEndpoint,
  secondary,
  solicitation,
} from './packets.ts';

const wellFormed = [
  solicitation,
  join(nonceAuthentication, solicitation),
  bubble(alice, bob),
  bubble(alice, carol, 0),
  bubble(nativeHost, bob),
  echoRequest(alice, nativeHost),
  echoRequest(alice, bob),
];

/** Well-formed datagrams with octets changed and ends cut, beside plain noise. */
const mutated = fc
  .record({
    base: fc.constantFrom(...wellFormed),
    changes: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
    keep: fc.nat(220),
  })
  .map(({ base, changes, keep }) => {
    const bytes = base.slice();
    for (const [at, octet] of changes) if (at < bytes.length) bytes[at] = octet;
    return bytes.slice(0, keep);
  });
const datagram = fc.oneof(fc.constantFrom(...wellFormed), mutated, fc.uint8Array({ maxLength: 300 }));
const origin = fc.oneof(
  fc.constantFrom(aliceEndpoint, relayEndpoint),
  fc.record({ address: fc.nat(0xffffffff), port: fc.nat(65535) }),
);

describe('any sequence of datagrams', () => {
  it('[WF-29][SV-R-13][SEC-16] is answered by at most one output each, and every other one is a counted drop', () => {
    let allAnswered = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(datagram, origin, fc.constantFrom(0, 1)), {
          maxLength: 40,
        }),
        (inputs) => {
          const outputs = new RecordingOutputs();
          const engine = createServerEngine({ primary, secondary, policy, rateLimit: true }, outputs, seededRandom(7));
          engine.start(0);
          let answered = 0;
          inputs.forEach(([payload, from, portId], index) => {
            receiveDatagram(engine, payload, { ...from, portId }, index);
            const made = [...outputs.takeDatagrams().map((sent) => sent.payload), ...outputs.takePackets()];
            expect(made.length).toBeLessThanOrEqual(1);
            answered += made.length;
            // The largest factor is that of a bare solicitation: 48 octets make 104.
            for (const output of made) expect(output.length).toBeLessThanOrEqual(Math.max(3 * payload.length, 104));
          });
          const { counters } = engine.status();
          const dropped = Object.values(counters.drops).reduce((sum, count) => sum + count, 0);
          expect(counters.datagramsReceived).toBe(inputs.length);
          expect(answered + dropped).toBe(inputs.length);
          allAnswered += answered;
        },
      ),
      { numRuns: 1500 },
    );
    // A server that answers nothing would pass.
    expect(allAnswered).toBeGreaterThan(0);
  });
});
