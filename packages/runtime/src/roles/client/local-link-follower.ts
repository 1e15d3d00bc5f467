import type { Ipv4Endpoint } from '@navalis/address';
import { discoveryEndpoint, type LocalLink } from '@navalis/client-core';
import type { PortId } from '@navalis/engine';
import { type HostAddresses, subnetOf } from '@navalis/life';
import type { SocketSettings } from '../../worker/messages.ts';

/** Next to the service port. */
const discoveryPortId: PortId = 1;

/**
 * Where a client looks for others (RFC 4380 5.2.8): the link of one interface, which may come later, change its subnet,
 * and go. The sockets for it can be opened only while it is there, and do not survive its going.
 */
export class LocalLinkFollower {
  readonly #interfaceName: string | undefined;
  #link: LocalLink | undefined;
  #hasSockets = false;

  /** `interfaceName` undefined: the client looks nowhere. */
  constructor(interfaceName: string | undefined) {
    this.#interfaceName = interfaceName;
  }

  get link(): LocalLink | undefined {
    return this.#link;
  }

  /** The client's sockets on the host as it is now: the one at `service`, and one that hears the group. */
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

  /** The port among those that hears the group. */
  get discoveryPortId(): PortId | undefined {
    return this.#hasSockets ? discoveryPortId : undefined;
  }

  /** Returns one sentence that says why configured local discovery is not running; undefined if it is. */
  get problem(): string | undefined {
    if (this.#interfaceName === undefined || this.#link !== undefined) return undefined;
    return `Interface ${this.#interfaceName} of key local-discovery has no IPv4 address: other clients on its link are looked for when it has one.`;
  }

  /** Returns the effect of a change of the host: none, another link for the same sockets, or other sockets. */
  follow(host: HostAddresses): 'unchanged' | 'link-changed' | 'sockets-needed' {
    const link = this.#linkOn(host);
    if (JSON.stringify(link) === JSON.stringify(this.#link)) return 'unchanged';
    this.#link = link;
    if (link !== undefined && !this.#hasSockets) return 'sockets-needed';
    // An interface that comes back may be another one of the same name.
    this.#hasSockets = link !== undefined;
    return 'link-changed';
  }

  #linkOn(host: HostAddresses): LocalLink | undefined {
    const subnet = this.#interfaceName === undefined ? undefined : subnetOf(host, this.#interfaceName);
    return subnet && { subnet };
  }
}
