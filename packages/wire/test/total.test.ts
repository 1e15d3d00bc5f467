import {
  BubbleTrailers,
  DatagramLayout,
  hasForbiddenRoutingHeader,
  hasUnknownCriticalTrailer,
  icmpv6ErrorAllowed,
  isBubble,
  isEchoReply,
  isEchoRequest,
  isWellFormedPacket,
  malformedReasons,
  readDatagram,
  readRouterAdvertisement,
  readRouterSolicitation,
  TrailerCursor,
} from '@navalis/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from './encode.ts';
import {
  advertisementVector,
  alternateAddressTrailerVector,
  bubbleVector,
  clientOriginVector,
  concatenate,
  echoRequestVector,
  nonceAuthenticationVector,
  nonceTrailerVector,
  octets,
  secureAuthenticationVector,
  solicitationVector,
} from './vectors.ts';

const nothing = new Uint8Array(0);
const part = (...choices: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> => fc.constantFrom(nothing, ...choices);
const packet = fc.constantFrom(bubbleVector, solicitationVector, advertisementVector, echoRequestVector);
const trailer = fc.oneof(
  fc.constantFrom(nonceTrailerVector, alternateAddressTrailerVector),
  fc
    .tuple(fc.nat(255), fc.uint8Array({ maxLength: 40 }))
    .map(([type, value]) => concatenate(Uint8Array.of(type, value.length), value)),
);
const authentication = fc.oneof(
  part(nonceAuthenticationVector, secureAuthenticationVector),
  fc
    .record({
      identifier: fc.uint8Array({ maxLength: 255 }),
      value: fc.uint8Array({ maxLength: 255 }),
      rest: fc.uint8Array({ minLength: 9, maxLength: 9 }),
    })
    .map(({ identifier, value, rest }) =>
      concatenate(Uint8Array.of(0, 1, identifier.length, value.length), identifier, value, rest),
    ),
);
const origin = fc.oneof(
  part(clientOriginVector),
  fc.uint8Array({ minLength: 6, maxLength: 6 }).map((rest) => concatenate(octets('0000'), rest)),
);

/** Well formed by construction. */
const datagram = fc
  .tuple(authentication, origin, packet, fc.array(trailer, { maxLength: 5 }))
  .map(([first, second, third, rest]) => concatenate(first, second, third, ...rest));

/** Something that once was a datagram: octets changed, cut, or followed by more. */
const mutated = fc
  .record({
    original: datagram,
    changes: fc.array(fc.tuple(fc.nat(700), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x60, 0xff))), {
      maxLength: 4,
    }),
    length: fc.option(fc.nat(700)),
    tail: fc.uint8Array({ maxLength: 8 }),
  })
  .map(({ original, changes, length, tail }) => {
    const bytes = concatenate(original.slice(0, length ?? original.length), tail);
    for (const [offset, value] of changes) if (offset < bytes.length) bytes[offset] = value;
    return bytes;
  });

const layout = new DatagramLayout();
const cursor = new TrailerCursor();
const trailers = new BubbleTrailers();

/** Puts the octets at the end of a memory with a guard before, so that every read beyond them is seen. */
function readAll(bytes: Uint8Array): void {
  const memory = bytes.slice();
  const guarded = new Proxy(memory, {
    get(target, key) {
      if (typeof key === 'string' && /^-?[0-9]+$/.test(key) && !(Number(key) in target))
        throw new Error(`read at ${key}`);
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const reason = readDatagram(guarded, 0, bytes.length, layout);
  isWellFormedPacket(guarded, 0, bytes.length);
  if (reason !== undefined) {
    expect(Object.keys(malformedReasons)).toContain(reason);
    expect(layout.packetOffset).toBe(-1);
    return;
  }
  const { packetOffset, packetLength, trailersOffset, trailersLength } = layout;
  expect(packetOffset + packetLength + trailersLength).toBe(bytes.length);
  isBubble(guarded, packetOffset);
  readRouterSolicitation(guarded, packetOffset);
  readRouterAdvertisement(guarded, packetOffset);
  isEchoReply(guarded, packetOffset);
  isEchoRequest(guarded, packetOffset);
  hasForbiddenRoutingHeader(guarded, packetOffset, packetLength);
  icmpv6ErrorAllowed(guarded, packetOffset, packetLength);
  hasUnknownCriticalTrailer(guarded, trailersOffset, trailersLength);
  cursor.start(guarded, trailersOffset, trailersLength);
  while (cursor.next()) expect(cursor.valueOffset + cursor.valueLength).toBeLessThanOrEqual(bytes.length);
  trailers.read(guarded, trailersOffset, trailersLength);
  expect(trailers.alternateCount).toBeLessThanOrEqual(4);
  for (let index = 0; index < trailers.alternateCount; index++) {
    expect([trailers.alternateAddress(index), trailers.alternatePort(index)]).not.toContain(0);
  }
  expect(memory).toEqual(bytes);
}

describe('decoders', () => {
  it('[WF-29] take any octets: a value or a reason, no exception, no read beyond the end', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readAll), { numRuns: 3000 });
    const ipv6Like = fc.uint8Array({ minLength: 39, maxLength: 120 }).map((bytes) => {
      bytes[0] = 0x60;
      bytes[4] = 0;
      bytes[5]! &= 0x7f;
      return bytes;
    });
    fc.assert(fc.property(ipv6Like, readAll), { numRuns: 3000 });
  });

  it('[WF-29] take mutated datagrams', () => {
    fc.assert(fc.property(mutated, readAll), { numRuns: 3000 });
  });

  it('[WF-01][WF-30] encode(decode(x)) is x for every well-formed datagram', () => {
    fc.assert(
      fc.property(datagram, (bytes) => {
        expect(readDatagram(bytes, 0, bytes.length, layout)).toBeUndefined();
        expect(encode(bytes, layout)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('[WF-30] encode(decode(x)) is x for every mutation that is accepted', () => {
    let accepted = 0;
    fc.assert(
      fc.property(mutated, (bytes) => {
        if (readDatagram(bytes, 0, bytes.length, layout) !== undefined) return;
        accepted++;
        expect(encode(bytes, layout)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('[WF-29] malformed reasons name their rows', () => {
    for (const row of Object.values(malformedReasons)) expect(row).toMatch(/^WF-[0-9]{2}$/);
  });
});
