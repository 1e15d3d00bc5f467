import type { Ipv4Endpoint } from '@navalis/address';
import { discoveryEndpoint, type LocalLink } from '@navalis/client-core';
import type { PortId } from '@navalis/engine';
import { type HostAddresses, subnetOf } from '@navalis/life';
import type { SocketSettings } from '../../worker/messages.ts';

/** The port after the service port. */
const discoveryPortId: PortId = 1;

/**
 * Follows the link on which a client discovers others (RFC 4380 5.2.8). Its interface may appear later, change its subnet, and
 * disappear. Sockets for it can be opened only while it exists, and do not survive its removal.
 */
export class LocalLinkFollower {
  readonly #interfaceName: string | undefined;
  #link: LocalLink | undefined;
  #hasSockets = false;

  /** `interfaceName` is undefined if local discovery is off. */
  constructor(interfaceName: string | undefined) {
    this.#interfaceName = interfaceName;
  }

  get link(): LocalLink | undefined {
    return this.#link;
  }

  /** Returns the client's sockets on the present host: the one at `service`, and one that receives the multicast group. */
  open(service: Ipv4Endpoint, host: HostAddresses): readonly SocketSettings[] {
    this.#link = this.#linkOn(host);
    this.#hasSockets = this.#link !== undefined;
    if (!this.#hasSockets) return [{ endpoint: service }];
    const multicastInterface = this.#interfaceName;
    return [
      { endpoint: service, multicastInterface },
      { endpoint: discoveryEndpoint, multicastInterface },
    ];
  }

  /** The port that receives the multicast group. */
  get discoveryPortId(): PortId | undefined {
    return this.#hasSockets ? discoveryPortId : undefined;
  }

  /** Returns one sentence that says why configured local discovery is not running; undefined if it is. */
  get problem(): string | undefined {
    if (this.#interfaceName === undefined || this.#link !== undefined) return undefined;
    return `Interface ${this.#interfaceName} of key local-discovery has no IPv4 address: local discovery starts when it has one.`;
  }

  /** Returns the effect of a change of the host: none, another link for the same sockets, or other sockets. */
  follow(host: HostAddresses): 'unchanged' | 'link-changed' | 'sockets-needed' {
    const link = this.#linkOn(host);
    if (JSON.stringify(link) === JSON.stringify(this.#link)) return 'unchanged';
    this.#link = link;
    if (link !== undefined && !this.#hasSockets) return 'sockets-needed';
    // An interface that returns may be a new one of the same name.
    this.#hasSockets = link !== undefined;
    return 'link-changed';
  }

  #linkOn(host: HostAddresses): LocalLink | undefined {
    const subnet = this.#interfaceName === undefined ? undefined : subnetOf(host, this.#interfaceName);
    return subnet && { subnet };
  }
}
