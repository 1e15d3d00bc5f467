import { allRouters, type Ipv6Value, writeUint32 } from '@navalis/address';
import { icmpv6Types, ipv6HeaderLength, maximumHopLimit, nextHeaders, routerSolicitationLength } from '../constants.ts';
import { hopLimitOf, payloadLengthOf, writeIpv6Header } from '../ipv6/ipv6-header.ts';
import { icmpv6ChecksumOk, icmpv6TypeOf, writeIcmpv6Checksum } from './icmpv6.ts';
import { areValidOptions } from './neighbor-discovery-options.ts';

/** Octets of the message before its options (RFC 4861 4.1). */
const fixedLength = 8;

/** Writes a Router Solicitation to FF02::2 without options and returns its 48 octets (RFC 4380 5.2.1). */
export function writeRouterSolicitation(bytes: Uint8Array, offset: number, source: Ipv6Value): number {
  writeIpv6Header(bytes, offset, {
    payloadLength: fixedLength,
    nextHeader: nextHeaders.icmpv6,
    hopLimit: maximumHopLimit,
    source,
    destination: allRouters,
  });
  writeUint32(bytes, offset + ipv6HeaderLength, icmpv6Types.routerSolicitation << 24);
  writeUint32(bytes, offset + ipv6HeaderLength + 4, 0);
  writeIcmpv6Checksum(bytes, offset);
  return routerSolicitationLength;
}

/**
 * Returns true if the packet, which must be complete in `bytes`, is a valid Router Solicitation (RFC 4861 6.1.1): hop limit 255,
 * type 133, code 0, at least 8 octets, checksum, options with lengths. Says nothing about its addresses.
 */
export function readRouterSolicitation(bytes: Uint8Array, packetOffset: number): boolean {
  const payloadLength = payloadLengthOf(bytes, packetOffset);
  const message = packetOffset + ipv6HeaderLength;
  return (
    hopLimitOf(bytes, packetOffset) === maximumHopLimit &&
    payloadLength >= fixedLength &&
    icmpv6ChecksumOk(bytes, packetOffset) &&
    icmpv6TypeOf(bytes, packetOffset) === icmpv6Types.routerSolicitation &&
    bytes[message + 1] === 0 &&
    areValidOptions(bytes, message + fixedLength, message + payloadLength)
  );
}
