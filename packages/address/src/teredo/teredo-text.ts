import { teredoFlags, teredoServicePrefix } from '../constants.ts';
import { parseIpv6 } from '../ipv6/ipv6-text.ts';
import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '../values.ts';
import { embeddedAddress, embeddedFlags, embeddedPort, embeddedServer, isTeredo } from './teredo-fields.ts';

/** The fields of a Teredo address (RFC 4380 section 4). */
export interface TeredoAddressFields {
  /** The whole address. */
  readonly value: Ipv6Value;
  readonly server: Ipv4Value;
  /** All 16 flag bits, random ones included (RFC 5991). */
  readonly flags: number;
  /** Whether the cone bit is set. RFC 5991 clients clear it, whatever their NAT. */
  readonly isCone: boolean;
  /** The client as the server saw it, from the public side of the client's NATs. */
  readonly mapped: Ipv4Endpoint;
}

/**
 * Parses the text of a Teredo address, in any notation of RFC 4291 section 2.2, and returns its fields. Returns `undefined`
 * when the text is not an IPv6 address, or lies outside the service prefix (its first 32 bits; 2001:0000 by default). Does
 * not check whether the embedded addresses are global: see `isWellFormedTeredo`.
 */
export function parseTeredoAddress(
  text: string,
  servicePrefix: number = teredoServicePrefix,
): TeredoAddressFields | undefined {
  const value = parseIpv6(text);
  if (value === undefined || !isTeredo(value, servicePrefix)) return undefined;
  const flags = embeddedFlags(value);
  return {
    value,
    server: embeddedServer(value),
    flags,
    isCone: (flags & teredoFlags.cone) !== 0,
    mapped: { address: embeddedAddress(value), port: embeddedPort(value) },
  };
}
