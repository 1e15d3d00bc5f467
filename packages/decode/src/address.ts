import {
  classifyIpv6,
  type EndpointText,
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  embeddedServer,
  endpointText,
  formatIpv4,
  formatIpv6,
  Ipv4Policy,
  type Ipv6Class,
  type Ipv6Value,
  isTeredo,
  isWellFormedTeredo,
  teredoFlags,
} from '@navalis/address';

export interface AddressExplanation {
  /** In the notation of RFC 5952. */
  readonly address: string;
  readonly class: Ipv6Class;
  /** Only for an address in 2001::/32. */
  readonly teredo?: {
    readonly server: string;
    /** The client as its server saw it. */
    readonly mapped: EndpointText;
    /** All 16 bits, such as `0x8000`. */
    readonly flags: string;
    readonly isCone: boolean;
    /** False if no node sends to it: the port is 0, or an address that it embeds is not global unicast. */
    readonly isUsable: boolean;
  };
}

const policy = new Ipv4Policy({ strictness: 'strict' });

/** Explains the fields of an address (RFC 4380 section 4). */
export function explainAddress(value: Ipv6Value): AddressExplanation {
  const address = formatIpv6(value);
  if (!isTeredo(value)) return { address, class: classifyIpv6(value) };
  const flags = embeddedFlags(value);
  const teredo = {
    server: formatIpv4(embeddedServer(value)),
    mapped: endpointText({ address: embeddedAddress(value), port: embeddedPort(value) }),
    flags: `0x${flags.toString(16).padStart(4, '0')}`,
    isCone: (flags & teredoFlags.cone) !== 0,
    isUsable: isWellFormedTeredo(value, policy),
  };
  return { address, class: 'teredo', teredo };
}
