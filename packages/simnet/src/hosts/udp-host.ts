import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { PathQuality } from '../paths/path-quality.ts';
import { type Attachment, type Datagram, isMulticast, type Realm } from '../paths/realm.ts';
import type { SimRandom } from '../sim-random.ts';

/** Called with each payload, where it came from, and never before the call that sent it has returned. */
export type DatagramHandler = (payload: Uint8Array, from: Ipv4Endpoint) => void;

export interface UdpSocket {
  readonly local: Ipv4Endpoint;
  /** Takes the payload over. */
  send(payload: Uint8Array, to: Ipv4Endpoint): void;
  close(): void;
}

/** The parts of a host of one realm. */
export interface UdpHostParts {
  readonly name: string;
  readonly realm: Realm;
  readonly addresses: readonly Ipv4Value[];
  readonly access: PathQuality;
  readonly random: SimRandom;
}

/** A host with one or several IPv4 addresses in one realm, and UDP sockets on them. */
export class UdpHost implements Attachment {
  readonly name: string;
  /** May become another one at any time. */
  access: PathQuality;
  readonly random: SimRandom;
  /** A host that is down neither sends nor receives. */
  isUp = true;
  readonly #groups: Set<Ipv4Value> = new Set();
  #realm: Realm;
  #addresses: readonly Ipv4Value[];
  /** By which of the addresses (or which multicast group) and which port. */
  readonly #handlers: Map<string, DatagramHandler> = new Map();

  constructor({ name, realm, addresses, access, random }: UdpHostParts) {
    this.name = name;
    this.#realm = realm;
    this.access = access;
    this.random = random;
    this.#addresses = addresses;
    for (const address of addresses) realm.attach(address, this);
  }

  get address(): Ipv4Value {
    return this.#addresses[0]!;
  }

  /** The host's realm at the moment. */
  get realm(): Realm {
    return this.#realm;
  }

  get addresses(): readonly Ipv4Value[] {
    return this.#addresses;
  }

  /**
   * A socket on one of the host's addresses, the first by default, and a random port from 49152 on by default. With a
   * multicast group for the address it hears what is sent to the group, and sends nothing.
   * @throws Error when the port is taken.
   */
  socket(handler: DatagramHandler, port: number = this.#freePort(), address: Ipv4Value = this.address): UdpSocket {
    const isGroup = isMulticast(address);
    const index = this.#addresses.indexOf(address);
    const key = `${isGroup ? address : index}:${port}`;
    if (this.#handlers.has(key)) throw new Error(`${this.name} has a socket on port ${port} already.`);
    this.#handlers.set(key, handler);
    const local = () => ({ address: isGroup ? address : this.#addresses[index]!, port });
    if (isGroup) {
      this.#groups.add(address);
      this.#realm.join(address, this);
    }
    return {
      get local() {
        return local();
      },
      send: (payload, to) => {
        if (!isGroup) this.#send(payload, local(), to);
      },
      close: () => void this.#handlers.delete(key),
    };
  }

  /** Returns true if there is a socket on this port of one of the host's addresses. */
  isTaken(port: number, address: Ipv4Value = this.address): boolean {
    return this.#handlers.has(`${this.#addresses.indexOf(address)}:${port}`);
  }

  /** Moves to another place with as many addresses; sockets stay on their ports. Datagrams in transit to the old ones are lost. */
  move(realm: Realm, addresses: readonly Ipv4Value[]): void {
    for (const address of this.#addresses) this.#realm.detach(address);
    for (const group of this.#groups) {
      this.#realm.leave(group, this);
      realm.join(group, this);
    }
    this.#realm = realm;
    this.#addresses = addresses;
    for (const address of addresses) realm.attach(address, this);
  }

  receive(datagram: Datagram): void {
    const { destinationAddress, destinationPort } = datagram;
    const place = isMulticast(destinationAddress) ? destinationAddress : this.#addresses.indexOf(destinationAddress);
    const handler = this.#handlers.get(`${place}:${destinationPort}`);
    handler?.(datagram.payload, { address: datagram.sourceAddress, port: datagram.sourcePort });
  }

  #send(payload: Uint8Array, from: Ipv4Endpoint, to: Ipv4Endpoint): void {
    if (!this.isUp) return;
    this.#realm.send(
      {
        sourceAddress: from.address,
        sourcePort: from.port,
        destinationAddress: to.address,
        destinationPort: to.port,
        payload,
      },
      this,
    );
  }

  #freePort(): number {
    const port = 49152 + this.random.below(0x10000 - 49152);
    return this.isTaken(port) ? this.#freePort() : port;
  }
}
