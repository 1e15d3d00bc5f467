import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '@navalis/address';
import type { Configuration } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import type { Degradations } from './degradations.ts';

/** A configured address, and what is lost with it. */
interface ConfiguredAddress {
  readonly text: string;
  /** The end of a sentence about the address. */
  readonly loss: string;
}

/**
 * Reports when this host loses a configured address, and when a relay bound to all addresses has none. Sockets stay open and
 * work again when their address returns. Addresses that this host never had are ignored: they may be routed to it, and the
 * kernel binds to them where the operator allows it (`net.ipv4.ip_nonlocal_bind`, local routes).
 */
export class AddressWatch {
  readonly #degradations: Degradations;
  readonly #needsAny: boolean;
  readonly #seen = new Set<string>();
  #configured: readonly ConfiguredAddress[];

  constructor(configuration: Configuration, degradations: Degradations) {
    this.#degradations = degradations;
    this.#configured = configuredAddresses(configuration);
    // A client without an address goes off-line anyway, and a server has addresses of its own.
    const { role } = configuration;
    this.#needsAny = role !== 'client' && role !== 'server' && configuration.bindAddress === 0;
  }

  /** Takes over what a reload changes: the address of the status server. */
  reconfigured(configuration: Configuration): void {
    this.#configured = configuredAddresses(configuration);
  }

  look(host: HostAddresses): void {
    const present = new Set(addressesOf(host));
    for (const { text } of this.#configured) if (present.has(text)) this.#seen.add(text);
    const gone = this.#configured.filter(({ text }) => this.#seen.has(text) && !present.has(text));
    if (gone.length === 0) this.#degradations.clear('address-gone');
    else this.#raiseGone(gone);
    const hasAny = host.ipv4.some(({ address }) => address >>> 24 !== loopbackNetwork);
    if (!this.#needsAny || hasAny) this.#degradations.clear('no-ipv4-address');
    else {
      this.#degradations.raise('no-ipv4-address', {
        sentence: 'This host has no IPv4 address, so no client can be reached.',
        evidence: 'no IPv4 address',
        cure: 'See "ip -4 address". The program goes on by itself when there is one.',
      });
    }
  }

  #raiseGone(gone: readonly ConfiguredAddress[]): void {
    this.#degradations.raise('address-gone', {
      sentence: gone.map(({ text, loss }) => `This host has lost the address ${text}, ${loss}.`).join(' '),
      evidence: gone.map(({ text }) => text).join(' and '),
      cure: 'Give the address back to an interface that is up. The program goes on by itself then.',
    });
  }
}

/** 127.0.0.0/8. */
const loopbackNetwork = 127;

const socketLoss = 'which this program is bound to: nothing comes in or goes out there';
const sourceLoss = 'which this relay sends from (key ipv6-address): no host can reach the relay there';
const statusLoss = 'at which the status server listens (key http): nobody can reach the status there';

/** Returns the addresses of this host that a configuration names; those that mean any address are never on a host. */
function configuredAddresses(configuration: Configuration): readonly ConfiguredAddress[] {
  const { http } = configuration;
  return [
    ...boundAddresses(configuration).map((address) => ({ text: formatIpv4(address), loss: socketLoss })),
    ...(configuration.role === 'relay' && configuration.ipv6Address !== undefined
      ? [{ text: formatIpv6(configuration.ipv6Address), loss: sourceLoss }]
      : []),
    ...(http === undefined ? [] : [{ text: canonical(http.host), loss: statusLoss }]),
  ];
}

function boundAddresses(configuration: Configuration): readonly number[] {
  if (configuration.role !== 'server') return [configuration.bindAddress];
  const { primary, secondary } = configuration;
  return secondary === undefined ? [primary] : [primary, secondary];
}

function addressesOf({ ipv4, ipv6 }: HostAddresses): readonly string[] {
  return [...ipv4.map(({ address }) => formatIpv4(address)), ...ipv6.map(({ address }) => formatIpv6(address))];
}

function canonical(text: string): string {
  const ipv4 = parseIpv4(text);
  const ipv6 = parseIpv6(text);
  if (ipv4 !== undefined) return formatIpv4(ipv4);
  return ipv6 === undefined ? text : formatIpv6(ipv6);
}
