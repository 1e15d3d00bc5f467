import { isTeredo, parseIpv6 } from '@navalis/address';
import type { Namespace } from '../network/namespace.ts';

interface InterfaceAddresses {
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** Returns the Teredo address of an interface of the machine. */
export function teredoAddressOf(host: Namespace): string | undefined {
  const interfaces = host.ipJson('-6', 'addr', 'show') as readonly InterfaceAddresses[];
  return interfaces
    .flatMap((entry) => entry.addr_info ?? [])
    .map((info) => info.local ?? '')
    .find((address) => {
      const value = parseIpv6(address);
      return value !== undefined && isTeredo(value);
    });
}
