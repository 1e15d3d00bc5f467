import { formatIpv4, type Ipv4Policy, type Ipv4Value } from '@navalis/address';
import { conflict } from './mistakes.ts';

/**
 * Checks a server's two addresses (RFC 4380 5.2) and answers the second one: the given one, or the primary address + 1.
 * `primaryName` and `secondaryName` say in sentences where the addresses come from.
 * @throws NavalisError `configuration` unless both are global unicast and distinct.
 */
export function checkServerAddresses(
  primary: Ipv4Value,
  secondary: Ipv4Value | undefined,
  policy: Ipv4Policy,
  primaryName: string,
  secondaryName: string,
): Ipv4Value;
/** The same for a server that may do without a second address. */
export function checkServerAddresses(
  primary: Ipv4Value,
  secondary: Ipv4Value | 'none' | undefined,
  policy: Ipv4Policy,
  primaryName: string,
  secondaryName: string,
): Ipv4Value | undefined;
export function checkServerAddresses(
  primary: Ipv4Value,
  secondary: Ipv4Value | 'none' | undefined,
  policy: Ipv4Policy,
  primaryName: string,
  secondaryName: string,
): Ipv4Value | undefined {
  if (!policy.isGlobalUnicast(primary)) throw conflict(primaryName, formatIpv4(primary), notGlobal);
  if (secondary === 'none') return undefined;
  const second = secondary ?? (primary + 1) >>> 0;
  if (second === primary) throw conflict(secondaryName, formatIpv4(second), 'it must differ from the primary address');
  if (!policy.isGlobalUnicast(second)) throw conflict(secondaryName, formatIpv4(second), notGlobal);
  return second;
}

const notGlobal = 'it must be a global unicast IPv4 address (extra-global-ipv4 re-admits reserved ranges)';
