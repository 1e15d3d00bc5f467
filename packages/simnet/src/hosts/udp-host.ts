import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { PathQuality } from '../paths/path-quality.ts';
import { type Attachment, type Datagram, isMulticast, type Realm } from '../paths/realm.ts';
import type { SimRandom } from '../sim-random.ts';

/** Called with each payload, where it came from, and never before the call that sent it has returned. */
export type DatagramHandler = (payload: Uint8Array, from: Ipv4Endpoint) => void;

/** Takes datagrams of several sockets, each of which has a number; a crowd does without a function for each socket. */
export interface NumberedHandler {
  takeDatagram(payload: Uint8Array, from: Ipv4Endpoint, id: number): void;
}

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
  #address: Ipv4Value;
  /** The addresses after the first; most hosts have none. */
  #otherAddresses: readonly Ipv4Value[] | undefined;
  /** The open sockets, in a list: a few. */
  #sockets: HostSocket | undefined;

  constructor({ name, realm, addresses, access, random }: UdpHostParts) {
    this.name = name;
    this.#realm = realm;
    this.access = access;
    this.random = random;
    this.#address = addresses[0]!;
    this.#takeAddresses(addresses);
  }

  get address(): Ipv4Value {
    return this.#address;
  }

  /** The host's realm at the moment. */
  get realm(): Realm {
    return this.#realm;
  }

  get addresses(): readonly Ipv4Value[] {
    return this.#otherAddresses === undefined ? [this.#address] : [this.#address, ...this.#otherAddresses];
  }

  /**
   * A socket on one of the host's addresses, the first by default, and a random port from 49152 on by default. With a
   * multicast group for the address it hears what is sent to the group, and sends nothing. A numbered handler gets `id`.
   * @throws Error when the port is taken.
   */
  socket(
    handler: DatagramHandler | NumberedHandler,
    port: number = this.#freePort(),
    address: Ipv4Value = this.address,
    id = 0,
  ): UdpSocket {
    const place = this.#placeOf(address);
    if (this.#find(place, port) !== undefined) throw new Error(`${this.name} has a socket on port ${port} already.`);
    const socket = new HostSocket(this, { place, port, handler, id });
    socket.next = this.#sockets;
    this.#sockets = socket;
    if (isMulticast(address)) {
      this.#groups ??= new Set();
      this.#groups.add(address);
      this.#realm.join(address, this);
    }
    return socket;
  }

  /** Returns true if there is a socket on this port of one of the host's addresses. */
  isTaken(port: number, address: Ipv4Value = this.address): boolean {
    return this.#find(this.#indexOf(address), port) !== undefined;
  }

  /** Moves to another place with as many addresses; sockets stay on their ports. Datagrams in transit to the old ones are lost. */
  move(realm: Realm, addresses: readonly Ipv4Value[]): void {
    for (const address of this.addresses) this.#realm.detach(address);
    for (const group of this.#groups ?? []) {
      this.#realm.leave(group, this);
      realm.join(group, this);
    }
    this.#realm = realm;
    this.#takeAddresses(addresses);
  }

  receive(datagram: Datagram): void {
    const socket = this.#find(this.#placeOf(datagram.destinationAddress), datagram.destinationPort);
    socket?.take(datagram.payload, { address: datagram.sourceAddress, port: datagram.sourcePort });
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
    if (this.#sockets === socket) this.#sockets = this.#sockets.next;
    for (let each = this.#sockets; each !== undefined; each = each.next)
      if (each.next === socket) each.next = each.next.next;
  }

  /** Returns one of the host's addresses. */
  addressAt(index: number): Ipv4Value {
    return index === 0 ? this.#address : this.#otherAddresses![index - 1]!;
  }

  #takeAddresses(addresses: readonly Ipv4Value[]): void {
    this.#address = addresses[0]!;
    this.#otherAddresses = addresses.length > 1 ? addresses.slice(1) : undefined;
    for (const address of addresses) this.#realm.attach(address, this);
  }

  /** Returns the index of one of the host's addresses, -1 for another one. */
  #indexOf(address: Ipv4Value): number {
    if (address === this.#address) return 0;
    const index = this.#otherAddresses?.indexOf(address) ?? -1;
    return index < 0 ? -1 : index + 1;
  }

  /** Returns the index of one of the host's addresses, -1 for another one, or a multicast group itself. */
  #placeOf(address: Ipv4Value): number {
    return isMulticast(address) ? address : this.#indexOf(address);
  }

  #find(place: number, port: number): HostSocket | undefined {
    let socket = this.#sockets;
    while (socket !== undefined && (socket.port !== port || socket.place !== place)) socket = socket.next;
    return socket;
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
  readonly handler: DatagramHandler | NumberedHandler;
  readonly id: number;
  /** The next socket of the host. */
  next: HostSocket | undefined;
  readonly #host: UdpHost;

  constructor(host: UdpHost, { place, port, handler, id }: Pick<HostSocket, 'place' | 'port' | 'handler' | 'id'>) {
    this.#host = host;
    this.place = place;
    this.port = port;
    this.handler = handler;
    this.id = id;
  }

  get local(): Ipv4Endpoint {
    const { place, port } = this;
    return { address: isMulticast(place) ? place : this.#host.addressAt(place), port };
  }

  take(payload: Uint8Array, from: Ipv4Endpoint): void {
    const { handler } = this;
    if (typeof handler === 'function') handler(payload, from);
    else handler.takeDatagram(payload, from, this.id);
  }

  send(payload: Uint8Array, to: Ipv4Endpoint): void {
    this.#host.send(payload, this.local, to);
  }

  close(): void {
    this.#host.close(this);
  }
}
