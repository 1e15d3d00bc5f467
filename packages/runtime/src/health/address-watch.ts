import { formatIpv4, type Ipv4Value } from '@navalis/address';
import type { Configuration } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import type { Degradations } from './degradations.ts';

/**
 * Reports when this host loses an address that a socket is bound to, and when a relay bound to all addresses has none.
 * The socket stays open and works again when the address returns. Addresses that this host never had are ignored: the
 * kernel binds to them where the operator allows it (`net.ipv4.ip_nonlocal_bind`, local routes).
 */
export class AddressWatch {
  readonly #degradations: Degradations;
  readonly #bound: readonly Ipv4Value[];
  readonly #needsAny: boolean;
  readonly #seen = new Set<Ipv4Value>();

  constructor(configuration: Configuration, degradations: Degradations) {
    this.#degradations = degradations;
    const addresses = boundAddresses(configuration);
    this.#bound = addresses.filter((address) => address !== 0);
    // A client without an address goes off-line anyway.
    this.#needsAny = configuration.role !== 'client' && addresses.includes(0);
  }

  look(host: HostAddresses): void {
    const present = new Set(host.ipv4.map(({ address }) => address));
    for (const address of this.#bound) if (present.has(address)) this.#seen.add(address);
    const gone = this.#bound.filter((address) => this.#seen.has(address) && !present.has(address));
    if (gone.length === 0) this.#degradations.clear('address-gone');
    else this.#raiseGone(gone.map(formatIpv4).join(' and '));
    const hasAny = host.ipv4.some(({ address }) => !isLoopback(address));
    if (!this.#needsAny || hasAny) this.#degradations.clear('no-ipv4-address');
    else {
      this.#degradations.raise('no-ipv4-address', {
        sentence: 'This host has no IPv4 address, so no client can be reached.',
        evidence: 'no IPv4 address',
        cure: 'See "ip -4 address". The program goes on by itself when there is one.',
      });
    }
  }

  #raiseGone(addresses: string): void {
    this.#degradations.raise('address-gone', {
      sentence: `This host has lost the address ${addresses}, which this program is bound to: nothing comes in or goes out there.`,
      evidence: addresses,
      cure: 'Give the address back to an interface that is up. The program goes on by itself then.',
    });
  }
}

function boundAddresses(configuration: Configuration): readonly Ipv4Value[] {
  if (configuration.role !== 'server') return [configuration.bindAddress];
  const { primary, secondary } = configuration;
  return secondary === undefined ? [primary] : [primary, secondary];
}

function isLoopback(address: Ipv4Value): boolean {
  return address >>> 24 === 127;
}
