import { type Ipv6Value, writeIpv6, writeUint16, writeUint32 } from '@navalis/address';
import { icmpv6Types, ipv6HeaderLength, maximumHopLimit, nextHeaders } from '../constants.ts';
import { writeIpv6Header } from '../ipv6/ipv6-header.ts';
import { writeIcmpv6Checksum } from './icmpv6.ts';
import { mtuOptionLength, neighborDiscoveryOptions, prefixInformationLength } from './neighbor-discovery-options.ts';
import { type PrefixInformation, routerAdvertisementFixedLength } from './router-advertisement.ts';

export interface RouterAdvertisementFields {
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  readonly currentHopLimit?: number;
  /** Managed 0x80, other 0x40. */
  readonly flags?: number;
  /** Seconds. */
  readonly routerLifetime?: number;
  readonly reachableTimeMs?: number;
  readonly retransmissionTimerMs?: number;
  readonly prefixes: readonly PrefixInformation[];
  /** Octets; without it there is no MTU option. */
  readonly mtu?: number;
}

/** Writes a Router Advertisement and returns its octets; fields left out are 0 (RFC 4861 4.2). */
export function writeRouterAdvertisement(bytes: Uint8Array, offset: number, fields: RouterAdvertisementFields): number {
  const message = offset + ipv6HeaderLength;
  writeUint32(bytes, message, icmpv6Types.routerAdvertisement << 24);
  bytes[message + 4] = fields.currentHopLimit ?? 0;
  bytes[message + 5] = fields.flags ?? 0;
  writeUint16(bytes, message + 6, fields.routerLifetime ?? 0);
  writeUint32(bytes, message + 8, fields.reachableTimeMs ?? 0);
  writeUint32(bytes, message + 12, fields.retransmissionTimerMs ?? 0);
  let option = message + routerAdvertisementFixedLength;
  for (const prefix of fields.prefixes) option = writePrefixInformation(bytes, option, prefix);
  if (fields.mtu !== undefined) option = writeMtu(bytes, option, fields.mtu);
  writeIpv6Header(bytes, offset, {
    payloadLength: option - message,
    nextHeader: nextHeaders.icmpv6,
    hopLimit: maximumHopLimit,
    source: fields.source,
    destination: fields.destination,
  });
  writeIcmpv6Checksum(bytes, offset);
  return option - offset;
}

function writePrefixInformation(bytes: Uint8Array, option: number, information: PrefixInformation): number {
  bytes[option] = neighborDiscoveryOptions.prefixInformation;
  bytes[option + 1] = prefixInformationLength / 8;
  bytes[option + 2] = information.length;
  bytes[option + 3] = information.flags;
  writeUint32(bytes, option + 4, information.validLifetime);
  writeUint32(bytes, option + 8, information.preferredLifetime);
  writeUint32(bytes, option + 12, 0);
  writeIpv6(bytes, option + 16, information.prefix);
  return option + prefixInformationLength;
}

function writeMtu(bytes: Uint8Array, option: number, mtu: number): number {
  bytes[option] = neighborDiscoveryOptions.mtu;
  bytes[option + 1] = mtuOptionLength / 8;
  writeUint16(bytes, option + 2, 0);
  writeUint32(bytes, option + 4, mtu);
  return option + mtuOptionLength;
}
