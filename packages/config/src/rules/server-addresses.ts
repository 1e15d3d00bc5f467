import { formatIpv4, type Ipv4Policy, type Ipv4Prefix, type Ipv4Value, ipv4PrefixContains } from '@navalis/address';
import { conflict } from '../mistakes.ts';

/** Where the two addresses of a server come from, as the subjects of sentences. */
export interface ServerAddressNames {
  readonly primary: string;
  readonly secondary: string;
}

/**
 * Checks a server's two addresses (RFC 4380 5.2) and returns the second one: the given one, or the primary address + 1.
 * @throws NavalisError `configuration` unless both are global unicast and distinct.
 */
export function checkServerAddresses(
  primary: Ipv4Value,
  secondary: Ipv4Value | undefined,
  policy: Ipv4Policy,
  names: ServerAddressNames,
): Ipv4Value;
/** The same for a server that may do without a second address. */
export function checkServerAddresses(
  primary: Ipv4Value,
  secondary: Ipv4Value | 'none' | undefined,
  policy: Ipv4Policy,
  names: ServerAddressNames,
): Ipv4Value | undefined;
export function checkServerAddresses(
  primary: Ipv4Value,
  secondary: Ipv4Value | 'none' | undefined,
  policy: Ipv4Policy,
  names: ServerAddressNames,
): Ipv4Value | undefined {
  if (!policy.isGlobalUnicast(primary)) throw conflict(names.primary, formatIpv4(primary), notGlobal(primary));
  if (secondary === 'none') return undefined;
  const second = secondary ?? (primary + 1) >>> 0;
  if (second === primary)
    throw conflict(names.secondary, formatIpv4(second), 'it must differ from the primary address');
  if (!policy.isGlobalUnicast(second)) throw conflict(names.secondary, formatIpv4(second), notGlobal(second));
  return second;
}

/** RFC 5737: the ranges of examples. */
const documentation: readonly Ipv4Prefix[] = [
  { address: 0xc0000200, length: 24 },
  { address: 0xc6336400, length: 24 },
  { address: 0xcb007100, length: 24 },
];

function notGlobal(address: Ipv4Value): string {
  return documentation.some((range) => ipv4PrefixContains(range, address))
    ? 'it is an example from a range for documentation; replace it with a real one (extra-global-ipv4 re-admits reserved ranges)'
    : 'it must be a global unicast IPv4 address (extra-global-ipv4 re-admits reserved ranges)';
}
