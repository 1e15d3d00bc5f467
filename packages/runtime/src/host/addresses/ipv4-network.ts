import type { HostAddresses } from './host-addresses.ts';

/** Remembers the IPv4 addresses and gateways of this host: with others, datagrams leave from another endpoint. */
export class Ipv4Network {
  #last: string | undefined;

  /** Whether they differ from those of the call before. */
  hasChanged({ ipv4, ipv4Gateways }: HostAddresses): boolean {
    const now = JSON.stringify([ipv4, ipv4Gateways]);
    const isOther = this.#last !== undefined && this.#last !== now;
    this.#last = now;
    return isOther;
  }
}
