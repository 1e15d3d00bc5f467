import { type Ipv6Value, readIpv6, readUint16, readUint32 } from '@navalis/address';
import { destinationOffset, icmpv6Types, ipv6HeaderLength, maximumHopLimit, sourceOffset } from '../constants.ts';
import { hopLimitOf, payloadLengthOf } from '../ipv6/ipv6-header.ts';
import { icmpv6ChecksumOk, icmpv6TypeOf } from './icmpv6.ts';
import {
  areValidOptions,
  mtuOptionLength,
  neighborDiscoveryOptions,
  optionLengthAt,
  prefixInformationLength,
} from './neighbor-discovery-options.ts';

/** A Prefix Information option (RFC 4861 4.6.2). */
export interface PrefixInformation {
  readonly prefix: Ipv6Value;
  /** Prefix length in bits, 0 to 255 as received. */
  readonly length: number;
  /** On-link 0x80, autonomous 0x40. */
  readonly flags: number;
  /** Seconds; 0xffffffff is for ever. */
  readonly validLifetime: number;
  /** Seconds; 0xffffffff is for ever. */
  readonly preferredLifetime: number;
}

/** The content of a valid Router Advertisement (RFC 4861 4.2). */
export interface RouterAdvertisement {
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  readonly currentHopLimit: number;
  /** Managed 0x80, other 0x40. */
  readonly flags: number;
  /** Seconds. */
  readonly routerLifetime: number;
  readonly reachableTimeMs: number;
  readonly retransmissionTimerMs: number;
  /** In order of appearance; bounded by the packet. */
  readonly prefixes: readonly PrefixInformation[];
  /** Octets, as received; of several MTU options the first. */
  readonly mtu?: number;
}

/** Octets of the message before its options (RFC 4861 4.2). */
export const routerAdvertisementFixedLength = 16;

/**
 * Reads the packet, which must be complete in `bytes`, if it is a valid Router Advertisement (RFC 4861 6.1.2): source
 * link-local, hop limit 255, type 134, code 0, at least 16 octets, checksum, options with lengths. Prefix Information
 * and MTU options of a wrong length make it invalid; unknown options are skipped.
 */
export function readRouterAdvertisement(bytes: Uint8Array, packetOffset: number): RouterAdvertisement | undefined {
  const message = packetOffset + ipv6HeaderLength;
  const end = message + payloadLengthOf(bytes, packetOffset);
  if (!isValidAdvertisement(bytes, packetOffset, end)) return undefined;
  const prefixes: PrefixInformation[] = [];
  let mtu: number | undefined;
  let option = message + routerAdvertisementFixedLength;
  while (option < end) {
    const type = bytes[option];
    const length = optionLengthAt(bytes, option, end);
    if (type === neighborDiscoveryOptions.prefixInformation) {
      if (length !== prefixInformationLength) return undefined;
      prefixes.push(readPrefixInformation(bytes, option));
    } else if (type === neighborDiscoveryOptions.mtu) {
      if (length !== mtuOptionLength) return undefined;
      mtu ??= readUint32(bytes, option + 4);
    }
    option += length;
  }
  return {
    source: readIpv6(bytes, packetOffset + sourceOffset),
    destination: readIpv6(bytes, packetOffset + destinationOffset),
    currentHopLimit: bytes[message + 4]!,
    flags: bytes[message + 5]!,
    routerLifetime: readUint16(bytes, message + 6),
    reachableTimeMs: readUint32(bytes, message + 8),
    retransmissionTimerMs: readUint32(bytes, message + 12),
    prefixes,
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function isValidAdvertisement(bytes: Uint8Array, packetOffset: number, end: number): boolean {
  const message = packetOffset + ipv6HeaderLength;
  return (
    // FE80::/10
    readUint16(bytes, packetOffset + sourceOffset) >>> 6 === 0x3fa &&
    hopLimitOf(bytes, packetOffset) === maximumHopLimit &&
    end - message >= routerAdvertisementFixedLength &&
    icmpv6ChecksumOk(bytes, packetOffset) &&
    icmpv6TypeOf(bytes, packetOffset) === icmpv6Types.routerAdvertisement &&
    bytes[message + 1] === 0 &&
    areValidOptions(bytes, message + routerAdvertisementFixedLength, end)
  );
}

function readPrefixInformation(bytes: Uint8Array, option: number): PrefixInformation {
  return {
    length: bytes[option + 2]!,
    flags: bytes[option + 3]!,
    validLifetime: readUint32(bytes, option + 4),
    preferredLifetime: readUint32(bytes, option + 8),
    prefix: readIpv6(bytes, option + 16),
  };
}
