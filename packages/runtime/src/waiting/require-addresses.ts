import { formatIpv4, type Ipv4Value } from '@navalis/address';
import { NavalisError } from '../navalis-error.ts';
import type { ControlContext } from '../roles/shared/role-control.ts';

/** An address for a socket to bind to, and the key that names it. */
export interface WantedAddress {
  readonly address: Ipv4Value;
  readonly key: string;
}

/**
 * Checks that this host has all addresses for sockets to bind to. This is much cheaper than a data plane that fails.
 * @throws NavalisError `address-not-available` with all missing ones.
 */
export async function requireAddresses(
  wanted: readonly WantedAddress[],
  { canBind }: Pick<ControlContext, 'canBind'>,
): Promise<void> {
  const named = wanted.filter(({ address }) => address !== 0);
  const isThere = await Promise.all(named.map(({ address }) => canBind(address)));
  const missing = named.filter((_, index) => !isThere[index]);
  if (missing.length === 0) return;
  const list = missing.map(({ address, key }) => `${formatIpv4(address)} (key ${key})`).join(' and ');
  const evidence = missing.map(({ address }) => formatIpv4(address)).join(', ');
  const [noun, them, keys] =
    missing.length === 1 ? ['the IPv4 address', 'it', 'the key'] : ['the IPv4 addresses', 'them', 'the keys'];
  const sentence = `This host does not have ${noun} ${list}: give ${them} to an interface that is up, or correct ${keys}.`;
  throw new NavalisError('address-not-available', sentence, undefined, evidence);
}
