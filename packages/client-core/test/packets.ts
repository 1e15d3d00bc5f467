import {
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  parseIpv4,
  parseIpv6,
  readIpv6,
  serverLinkLocal,
} from '@navalis/address';
import {
  echoDataOffset,
  nextHeaderOf,
  routerSolicitationLength,
  writeBubble,
  writeEchoRequest,
  writeIcmpv6Checksum,
  writeIpv6Header,
  writeNonceAuthentication,
} from '@navalis/wire';
import { writeOriginIndication, writeRouterAdvertisement } from '@navalis/wire/server';

export function ipv4(text: string): Ipv4Value {
  const value = parseIpv4(text);
  if (value === undefined) throw new Error(`not an IPv4 address: ${text}`);
  return value;
}

export function ipv6(text: string): Ipv6Value {
  const value = parseIpv6(text);
  if (value === undefined) throw new Error(`not an IPv6 address: ${text}`);
  return value;
}

export function endpoint(text: string): Ipv4Endpoint {
  const [address, port] = text.split(':');
  return { address: ipv4(address!), port: Number(port) };
}

/** A UDP-like packet of `length` octets in all, marked by `mark`. */
export function dataPacket(source: Ipv6Value, destination: Ipv6Value, mark = 1, length = 60): Uint8Array {
  return rawPacket(source, destination, 17, new Uint8Array(length - 40).fill(mark));
}

export function rawPacket(
  source: Ipv6Value,
  destination: Ipv6Value,
  nextHeader: number,
  payload: Uint8Array,
): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  writeIpv6Header(packet, 0, { payloadLength: payload.length, nextHeader, hopLimit: 64, source, destination });
  packet.set(payload, 40);
  return packet;
}

/** A packet with a routing header of type 0. */
export function sourceRoutedPacket(source: Ipv6Value, destination: Ipv6Value): Uint8Array {
  return rawPacket(source, destination, 43, new Uint8Array([59, 2, 0, 1, ...new Array<number>(20).fill(0)]));
}

export function bubble(source: Ipv6Value, destination: Ipv6Value, hopLimit = 255): Uint8Array {
  const packet = new Uint8Array(40);
  writeBubble(packet, 0, source, destination);
  packet[7] = hopLimit;
  return packet;
}

export function echoRequest(source: Ipv6Value, destination: Ipv6Value, data: Uint8Array): Uint8Array {
  const packet = new Uint8Array(48 + data.length);
  writeEchoRequest(packet, 0, { source, destination, identifier: 1, sequence: 1, hopLimit: 64, data });
  return packet;
}

/** Returns the answer of a native host to an Echo Request. */
export function echoReplyTo(request: Uint8Array): Uint8Array {
  const reply = request.slice();
  reply.set(request.subarray(24, 40), 8);
  reply.set(request.subarray(8, 24), 24);
  reply[40] = 129;
  writeIcmpv6Checksum(reply, 0);
  return reply;
}

/** Changes the data of an echo message and makes its checksum good again. */
export function withData(packet: Uint8Array, data: Uint8Array): Uint8Array {
  const changed = new Uint8Array(echoDataOffset + data.length);
  changed.set(packet.subarray(0, echoDataOffset));
  changed[5] = 8 + data.length;
  changed.set(data, echoDataOffset);
  writeIcmpv6Checksum(changed, 0);
  return changed;
}

export function withOrigin(packet: Uint8Array, origin: Ipv4Endpoint): Uint8Array {
  const datagram = new Uint8Array(8 + packet.length);
  writeOriginIndication(datagram, 0, origin.address, origin.port);
  datagram.set(packet, 8);
  return datagram;
}

export function withAuthentication(datagram: Uint8Array): Uint8Array {
  const out = new Uint8Array(13 + datagram.length);
  writeNonceAuthentication(out, 0, new Uint8Array(8));
  out.set(datagram, 13);
  return out;
}

export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function sourceOf(packet: Uint8Array): Ipv6Value {
  return readIpv6(packet, 8);
}

export function destinationOf(packet: Uint8Array): Ipv6Value {
  return readIpv6(packet, 24);
}

export function isSolicitation(datagram: Uint8Array): boolean {
  return datagram.length === 13 + routerSolicitationLength && datagram[0] === 0 && datagram[13 + 40] === 133;
}

export function isEchoRequestPacket(packet: Uint8Array): boolean {
  return packet.length > 48 && nextHeaderOf(packet, 0) === 58 && packet[40] === 128;
}

/** A server's answer to a solicitation with a nonce. */
export function advertisementFor(solicitation: Uint8Array, primary: Ipv4Value, mapped: Ipv4Endpoint): Uint8Array {
  const memory = new Uint8Array(300);
  let at = writeNonceAuthentication(memory, 0, solicitation.slice(4, 12));
  at += writeOriginIndication(memory, at, mapped.address, mapped.port);
  at += writeRouterAdvertisement(memory, at, {
    source: serverLinkLocal(primary),
    destination: readIpv6(solicitation, 13 + 8),
    prefixes: [
      {
        prefix: { word0: 0x20010000, word1: primary, word2: 0, word3: 0 },
        length: 64,
        flags: 0x40,
        validLifetime: 0xffffffff,
        preferredLifetime: 0xffffffff,
      },
    ],
    mtu: 1280,
  });
  return memory.slice(0, at);
}
