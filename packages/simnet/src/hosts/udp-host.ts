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
  #groups: Set<Ipv4Value> | undefined;
  #realm: Realm;
  #addresses: readonly Ipv4Value[];
  /** The open sockets: a few. */
  #sockets: HostSocket[] = [];

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
    const place = this.#placeOf(address);
    if (this.#find(place, port) !== undefined) throw new Error(`${this.name} has a socket on port ${port} already.`);
    const socket = new HostSocket(this, { place, port, handler });
    // Not pushed: an array that grows takes room for sixteen more.
    this.#sockets = this.#sockets.concat(socket);
    if (isMulticast(address)) {
      this.#groups ??= new Set();
      this.#groups.add(address);
      this.#realm.join(address, this);
    }
    return socket;
  }

  /** Returns true if there is a socket on this port of one of the host's addresses. */
  isTaken(port: number, address: Ipv4Value = this.address): boolean {
    return this.#find(this.#addresses.indexOf(address), port) !== undefined;
  }

  /** Moves to another place with as many addresses; sockets stay on their ports. Datagrams in transit to the old ones are lost. */
  move(realm: Realm, addresses: readonly Ipv4Value[]): void {
    for (const address of this.#addresses) this.#realm.detach(address);
    for (const group of this.#groups ?? []) {
      this.#realm.leave(group, this);
      realm.join(group, this);
    }
    this.#realm = realm;
    this.#addresses = addresses;
    for (const address of addresses) realm.attach(address, this);
  }

  receive(datagram: Datagram): void {
    const socket = this.#find(this.#placeOf(datagram.destinationAddress), datagram.destinationPort);
    socket?.handler(datagram.payload, { address: datagram.sourceAddress, port: datagram.sourcePort });
  }

  /** Sends from an endpoint of the host; a multicast group sends nothing. */
  send(payload: Uint8Array, from: Ipv4Endpoint, to: Ipv4Endpoint): void {
    if (!this.isUp || isMulticast(from.address)) return;
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

  /** Removes one of the host's sockets. */
  close(socket: UdpSocket): void {
    this.#sockets = this.#sockets.filter((each) => each !== socket);
  }

  /** Returns the index of one of the host's addresses, -1 for another one, or a multicast group itself. */
  #placeOf(address: Ipv4Value): number {
    return isMulticast(address) ? address : this.#addresses.indexOf(address);
  }

  #find(place: number, port: number): HostSocket | undefined {
    const sockets = this.#sockets;
    for (let index = 0; index < sockets.length; index++) {
      const socket = sockets[index]!;
      if (socket.port === port && socket.place === place) return socket;
    }
    return undefined;
  }

  #freePort(): number {
    const port = 49152 + this.random.below(0x10000 - 49152);
    return this.isTaken(port) ? this.#freePort() : port;
  }
}

/** A socket of a host, which moves with it. */
class HostSocket implements UdpSocket {
  /** The index of its address among those of the host, or a multicast group. */
  readonly place: number;
  readonly port: number;
  readonly handler: DatagramHandler;
  readonly #host: UdpHost;

  constructor(host: UdpHost, { place, port, handler }: Pick<HostSocket, 'place' | 'port' | 'handler'>) {
    this.#host = host;
    this.place = place;
    this.port = port;
    this.handler = handler;
  }

  get local(): Ipv4Endpoint {
    const { place, port } = this;
    return { address: isMulticast(place) ? place : this.#host.addresses[place]!, port };
  }

  send(payload: Uint8Array, to: Ipv4Endpoint): void {
    this.#host.send(payload, this.local, to);
  }

  close(): void {
    this.#host.close(this);
  }
}
