import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bubble,
  client,
  clientEndpoint,
  localAddress,
  nativeHost,
  packet,
  relayLaboratory,
  teredo,
} from './laboratory.ts';

const clients = [client, teredo({ ...clientEndpoint, port: 5000 }), teredo(clientEndpoint, 0x3cff)];
const templates = [
  ...clients.flatMap((source) => [packet(source, nativeHost), bubble(source, localAddress)]),
  ...clients.map((destination) => packet(nativeHost, destination)),
];
const mutated = fc
  .tuple(fc.constantFrom(...templates), fc.array(fc.tuple(fc.nat(70), fc.nat(255)), { maxLength: 3 }), fc.nat(70))
  .map(([template, changes, keep]) => {
    const bytes = template.slice();
    for (const [at, octet] of changes) if (at < bytes.length) bytes[at] = octet;
    return keep < 35 ? bytes : bytes.slice(0, Math.max(keep, 40));
  });
const octets = fc.oneof(fc.constantFrom(...templates), mutated, fc.uint8Array({ maxLength: 100 }));
/** Opens the way to a client, which then sends a packet: random inputs seldom reach that. */
const delivery = [
  { kind: 'send' as const, octets: packet(nativeHost, client), wait: 0 },
  { kind: 'receive' as const, octets: bubble(client, localAddress), wait: 10, port: 4096 as const },
  { kind: 'receive' as const, octets: packet(client, nativeHost), wait: 10, port: 4096 as const },
];
const input = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), octets, wait: fc.nat(3000) }),
  fc.record({
    kind: fc.constant('receive' as const),
    octets,
    wait: fc.nat(3000),
    port: fc.constantFrom(4096, 5000, 7),
  }),
);

describe('any sequence of packets, datagrams and time', () => {
  it('[WF-29][SEC-18][SEC-23] nothing throws, and only proven sources are delivered', () => {
    let judged = 0;
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        const relay = relayLaboratory();
        let now = 0;
        for (const step of inputs) {
          now += step.wait;
          const expired = relay.runUntil(now);
          expect(expired.length).toBeLessThanOrEqual(2 * 4 * inputs.length);
          relay.outputs.takePackets();
          if (step.kind === 'send') {
            relay.send(step.octets, now);
          } else {
            relay.receive(step.octets, { ...clientEndpoint, port: step.port }, now);
            for (const delivered of relay.outputs.takePackets()) {
              const port = ((delivered[18]! << 8) | delivered[19]!) ^ 0xffff;
              expect(port).toBe(step.port);
              expect(delivered.slice(0, 8)).toEqual(step.octets.slice(0, 8));
              judged += 1;
            }
          }
        }
        expect(relay.engine.status().peers).toBeLessThanOrEqual(inputs.length);
        relay.runUntil(now + 10_000);
        expect(relay.engine.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 500, examples: [[delivery]] },
    );
    // A property proves nothing about packets that are never delivered.
    expect(judged).toBeGreaterThan(0);
  });
});
