import type { HostAddresses } from './host-addresses.ts';

/** Remembers the IPv4 addresses and gateways of this host: when they change, datagrams leave from another endpoint. */
export class Ipv4Network {
  #last: string | undefined;

  /** Records the present ones and returns whether they differ from those of the previous call. */
  hasChanged({ ipv4, ipv4Gateways }: HostAddresses): boolean {
    const present = JSON.stringify([ipv4, ipv4Gateways]);
    const hasChanged = this.#last !== undefined && this.#last !== present;
    this.#last = present;
    return hasChanged;
  }
}
