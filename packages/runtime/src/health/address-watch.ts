import { formatIpv4, formatIpv6, parseIpv6 } from '@navalis/address';
import type { Configuration } from '@navalis/config';
import type { HostAddresses } from '@navalis/life';
import type { Logger } from '@navalis/telemetry';
import type { Degradations } from './degradations.ts';

/** A configured address, and what is lost with it. */
interface ConfiguredAddress {
  readonly text: string;
  /** The end of a sentence about the address. */
  readonly loss: string;
}

export interface AddressWatchContext {
  readonly degradations: Degradations;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Reports when this host loses a configured address, and when a relay bound to all addresses has none. Sockets stay open and
 * work again when their address returns. Addresses that this host never had are ignored: they may be routed to it, and the
 * kernel binds to them where the operator allows it (`net.ipv4.ip_nonlocal_bind`, local routes). The address of the status server
 * is told by the log alone: a role does its work without it.
 */
export class AddressWatch {
  readonly #degradations: Degradations;
  readonly #logger: AddressWatchContext['logger'];
  readonly #needsAny: boolean;
  readonly #seen = new Set<string>();
  readonly #configured: readonly ConfiguredAddress[];
  /** The address of the status server. */
  #status: string | undefined;
  #isStatusGone = false;

  constructor(configuration: Configuration, { degradations, logger }: AddressWatchContext) {
    this.#degradations = degradations;
    this.#logger = logger;
    this.#configured = configuredAddresses(configuration);
    this.#status = statusAddress(configuration);
    // A client without an address goes off-line anyway, and a server has addresses of its own.
    const { role } = configuration;
    this.#needsAny = role !== 'client' && role !== 'server' && configuration.bindAddress === 0;
  }

  /** Takes over what a reload changes: the address of the status server. */
  reconfigured(configuration: Configuration): void {
    const next = statusAddress(configuration);
    if (next !== this.#status) this.#isStatusGone = false;
    this.#status = next;
  }

  look(host: HostAddresses): void {
    const present = new Set(addressesOf(host));
    for (const text of [...this.#configured.map((each) => each.text), this.#status ?? '']) {
      if (present.has(text)) this.#seen.add(text);
    }
    const isGone = (text: string) => this.#seen.has(text) && !present.has(text);
    this.#tellStatus(this.#status !== undefined && isGone(this.#status));
    const gone = this.#configured.filter(({ text }) => isGone(text));
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

  #tellStatus(isGone: boolean): void {
    if (isGone === this.#isStatusGone) return;
    this.#isStatusGone = isGone;
    const address = this.#status;
    if (isGone) {
      const sentence = `This host has lost the address ${address}, at which the status server listens (key http): nobody can reach the status there. ${cure}`;
      this.#logger.warn({ event: 'status-address-gone', address }, sentence);
    } else {
      this.#logger.info({ event: 'status-address-back', address }, `This host has the address ${address} again.`);
    }
  }

  #raiseGone(gone: readonly ConfiguredAddress[]): void {
    this.#degradations.raise('address-gone', {
      sentence: gone.map(({ text, loss }) => `This host has lost the address ${text}, ${loss}.`).join(' '),
      evidence: gone.map(({ text }) => text).join(' and '),
      cure,
    });
  }
}

const cure = 'Give the address back to an interface that is up. The program goes on by itself then.';

/** 127.0.0.0/8. */
const loopbackNetwork = 127;

const socketLoss = 'which this program is bound to: nothing comes in or goes out there';
const sourceLoss = 'which this relay sends from (key ipv6-address): no host can reach the relay there';

/** Returns the addresses that a role works with; those that mean any address are never on a host. */
function configuredAddresses(configuration: Configuration): readonly ConfiguredAddress[] {
  return [
    ...boundAddresses(configuration).map((address) => ({ text: formatIpv4(address), loss: socketLoss })),
    ...(configuration.role === 'relay' && configuration.ipv6Address !== undefined
      ? [{ text: formatIpv6(configuration.ipv6Address), loss: sourceLoss }]
      : []),
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

function statusAddress({ http }: Configuration): string | undefined {
  if (http === undefined) return undefined;
  const ipv6 = parseIpv6(http.host);
  return ipv6 === undefined ? http.host : formatIpv6(ipv6);
}
