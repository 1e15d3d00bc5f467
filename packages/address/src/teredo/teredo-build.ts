import { linkLocalPrefix, teredoFlags, teredoPort, teredoServicePrefix } from '../constants.ts';
import type { Ipv4Policy } from '../ipv4/ipv4-policy.ts';
import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '../values.ts';
import { isWellFormedTeredo } from './teredo-fields.ts';

export interface TeredoAddressParts {
  /** Primary address of the server. */
  readonly server: Ipv4Value;
  /** Cone and random bits. Reserved, universal and group bits are cleared (RFC 4380 section 4, RFC 5991 section 3.1). */
  readonly flags: number;
  /** The client as seen from the public side of its NATs. */
  readonly mapped: Ipv4Endpoint;
  readonly policy: Ipv4Policy;
  readonly servicePrefix?: number;
}

/**
 * Builds the global address of a client (RFC 4380 section 4). Returns `undefined` when the mapped address or the server is not
 * global unicast, or the mapped port is 0.
 */
export function buildTeredoAddress(parts: TeredoAddressParts): Ipv6Value | undefined {
  const servicePrefix = parts.servicePrefix ?? teredoServicePrefix;
  const address = withIdentifier(servicePrefix, parts.server, parts.flags, parts.mapped);
  return isWellFormedTeredo(address, parts.policy, servicePrefix) ? address : undefined;
}

/** Builds a link-local address with the identifier of a Teredo address. The endpoint may be private (RFC 4380 section 4). */
export function buildTeredoLinkLocal(flags: number, endpoint: Ipv4Endpoint): Ipv6Value {
  return withIdentifier(linkLocalPrefix, 0, flags, endpoint);
}

/** Returns a server's link-local address: cone bit set, primary address, port 3544 (RFC 4380 section 5.3.2). */
export function serverLinkLocal(primary: Ipv4Value): Ipv6Value {
  return buildTeredoLinkLocal(teredoFlags.cone, { address: primary, port: teredoPort });
}

function withIdentifier(word0: number, word1: number, flags: number, endpoint: Ipv4Endpoint): Ipv6Value {
  const kept = flags & (teredoFlags.cone | teredoFlags.randomMask);
  return {
    word0,
    word1,
    word2: ((kept << 16) | (endpoint.port ^ 0xffff)) >>> 0,
    word3: ~endpoint.address >>> 0,
  };
}
