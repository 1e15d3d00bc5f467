import {
  classifyIpv6,
  formatIpv4,
  formatIpv6,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  readIpv6,
} from '@navalis/address';
import { explainDatagram } from '@navalis/decode';
import {
  DatagramLayout,
  echoDataLength,
  hasForbiddenRoutingHeader,
  hasUnknownCriticalTrailer,
  icmpv6ErrorAllowed,
  isBubble,
  isEchoReply,
  isEchoRequest,
  isIcmpv6,
  isWellFormedPacket,
  malformedReasons,
  readDatagram,
  readRouterAdvertisement,
  readRouterSolicitation,
  TrailerCursor,
  writeIcmpv6Checksum,
} from '@navalis/wire';
import { alice, bob, linkLocalBubble, nativeHost, packetsBetween, solicitation, wrapped } from './cast.ts';
import type { Decoder } from './decoder.ts';
import type { Dice } from './dice.ts';
import { expectThat } from './finding.ts';
import { mutate } from './input/mutate.ts';
import { routerDecoders } from './router-decoders.ts';
import { turnDecoders } from './turn-decoders.ts';

const packets = [...packetsBetween(alice, bob), ...packetsBetween(nativeHost, alice), linkLocalBubble, solicitation];
const routingHeader = Uint8Array.of(
  ...packets[1]!.slice(0, 6),
  43,
  64,
  ...packets[1]!.slice(8, 40),
  17,
  0,
  0,
  1,
  0,
  0,
  0,
  0,
);
const advertisement = advertisementLike();
const texts = [
  '2001:0:c633:640a:0:d6d8:34ff:8efa',
  '::ffff:192.0.2.1',
  'fe80::1',
  '2001::/32',
  '192.0.2.1',
  '198.51.100.0/24',
].map((text) => new TextEncoder().encode(text));

const layout = new DatagramLayout();
const cursor = new TrailerCursor();

/** Every decoder of octets from the network and of text from people. */
export const decoders: readonly Decoder[] = [
  {
    name: 'datagram',
    templates: [...packets, ...packets.flatMap(wrapped)],
    read(bytes, length) {
      const reason = readDatagram(bytes, 0, length, layout);
      if (reason !== undefined) {
        expectThat(Object.hasOwn(malformedReasons, reason), 'a reason is one of those that are counted');
        return expectThat(layout.packetLength === 0, 'a refused datagram leaves nothing in the layout');
      }
      const { packetOffset, packetLength, trailersOffset, trailersLength } = layout;
      expectThat(packetLength >= 40 && packetOffset + packetLength <= length, 'the packet lies inside the datagram');
      expectThat(trailersOffset === packetOffset + packetLength, 'trailers follow the packet');
      expectThat(trailersOffset + trailersLength === length, 'nothing is left over');
      expectThat(isWellFormedPacket(bytes, packetOffset, packetLength), 'the packet has the length that it says');
      if (isBubble(bytes, packetOffset)) expectThat(packetLength === 40, 'a bubble has 40 octets');
    },
  },
  {
    name: 'explained datagram',
    templates: packets.flatMap(wrapped),
    read(bytes, length) {
      const { octets, packet, trailers = [], dropReason } = explainDatagram(bytes.subarray(0, length));
      expectThat(octets === length, 'the whole datagram is explained');
      expectThat(
        packet !== undefined || Object.hasOwn(malformedReasons, dropReason!),
        'without a packet there is a reason',
      );
      expectThat(trailers.length <= length / 2, 'there are no more trailers than fit');
      JSON.stringify(packet);
    },
  },
  {
    name: 'trailers',
    templates: [
      Uint8Array.of(1, 4, 1, 2, 3, 4),
      Uint8Array.of(3, 14, ...new Array<number>(14).fill(9)),
      Uint8Array.of(5, 2, 1, 2, 0x41, 0),
    ],
    read(bytes, length) {
      cursor.start(bytes, 0, length);
      let last = 0;
      while (cursor.next()) {
        expectThat(cursor.valueOffset >= last + 2, 'trailers go forward');
        last = cursor.valueOffset + cursor.valueLength;
        expectThat(last <= length, 'a trailer lies inside');
      }
      expectThat(cursor.isMalformed === (last !== length), 'what is no trailer is told');
      hasUnknownCriticalTrailer(bytes, 0, length);
    },
  },
  {
    name: 'router advertisement',
    templates: [advertisement],
    read: onWholePackets((bytes) => {
      const found = readRouterAdvertisement(bytes, 0);
      if (found === undefined) return;
      expectThat(found.prefixes.length <= 2000 / 32, 'there are no more prefixes than fit');
      expectThat(bytes[7] === 255, 'it was not forwarded');
    }),
  },
  {
    name: 'router solicitation',
    templates: [solicitation],
    read: onWholePackets((bytes) => {
      if (readRouterSolicitation(bytes, 0)) expectThat(bytes[40] === 133, 'it has the type of one');
    }),
  },
  {
    name: 'echo',
    templates: packets.filter((packet) => packet[6] === 58),
    read: onWholePackets((bytes, length) => {
      if (isEchoReply(bytes, 0) || isEchoRequest(bytes, 0)) {
        expectThat(echoDataLength(bytes, 0) >= 0 && echoDataLength(bytes, 0) <= length - 48, 'its data lies inside');
      }
    }),
  },
  {
    name: 'extension headers',
    templates: [routingHeader, ...packets],
    read: onWholePackets((bytes, length) => {
      hasForbiddenRoutingHeader(bytes, 0, length);
      icmpv6ErrorAllowed(bytes, 0, length);
    }),
  },
  {
    name: 'address',
    templates: packets,
    read(bytes, length) {
      if (length < 16) return;
      const value = readIpv6(bytes, 0);
      classifyIpv6(value);
      const again = parseIpv6(formatIpv6(value));
      expectThat(
        again !== undefined &&
          [0, 1, 2, 3].every((word) => again[`word${word}` as 'word0'] === value[`word${word}` as 'word0']),
        'an address reads as it is written',
      );
    },
  },
  {
    name: 'text',
    templates: texts,
    read(bytes, length) {
      const text = String.fromCharCode(...bytes.subarray(0, length));
      const ipv4 = parseIpv4(text);
      if (ipv4 !== undefined)
        expectThat(parseIpv4(formatIpv4(ipv4)) === ipv4, 'an IPv4 address reads as it is written');
      parseIpv6(text);
      parseIpv4Prefix(text);
      parseIpv6Prefix(text);
    },
  },
  ...routerDecoders,
  ...turnDecoders,
];

const space = new Uint8Array(4096);

/** Gives a decoder one hostile input, which the dice alone decide on. */
export function attackDecoder(decoder: Decoder, dice: Dice): void {
  decoder.read(space, mutate(dice, decoder.templates, space));
}

/** Most decoders are asked about packets that are complete; others are not shown to them. */
function onWholePackets(read: Decoder['read']): Decoder['read'] {
  return (bytes, length) => {
    if (length >= 40) {
      // Half of the mutated inputs would have a wrong length: it is corrected where that keeps the input interesting.
      bytes[4] = (length - 40) >>> 8;
      bytes[5] = length - 40;
    }
    if (!isWellFormedPacket(bytes, 0, length)) return;
    // Decoders read nothing behind a wrong checksum, so most inputs get a correct one.
    if (isIcmpv6(bytes, 0) && (bytes[length - 1]! & 7) !== 0) writeIcmpv6Checksum(bytes, 0);
    read(bytes, length);
  };
}

/** An advertisement with a prefix and an MTU. */
function advertisementLike(): Uint8Array {
  const packet = new Uint8Array(96);
  packet.set(solicitation.subarray(0, 40));
  packet[5] = 56;
  packet[40] = 134;
  packet.set([3, 4, 64, 0x40], 56);
  packet.set([0x20, 1, 0, 0, 198, 51, 100, 10], 72);
  packet.set([5, 1, 0, 0, 0, 0, 5, 0], 88);
  return packet;
}
