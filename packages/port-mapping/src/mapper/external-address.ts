import type { Ipv4Endpoint } from '@navalis/address';
import type { Gateway } from '../network/network.ts';

/**
 * Returns true if a router may have an external endpoint: no address of this network, loopback, multicast or reserved range,
 * not this host's own, and a port. It may be private: then another NAT stands before the router.
 */
export function isCredibleExternal({ address, port }: Ipv4Endpoint, { local }: Gateway): boolean {
  const octet = address >>> 24;
  return port !== 0 && octet !== 0 && octet !== 127 && octet < 224 && address !== local;
}
