import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { SimStream } from '../sim-random.ts';
import { Timer, type VirtualClock } from '../virtual-clock.ts';
import { copiesOver, crossingTime, type PathQuality, type Stretches } from './path-quality.ts';
import type { Traffic } from './traffic.ts';

/** A UDP datagram in transit. NATs rewrite it; it belongs to its current holder. */
export interface Datagram {
  sourceAddress: Ipv4Value;
  sourcePort: number;
  destinationAddress: Ipv4Value;
  destinationPort: number;
  payload: Uint8Array;
}

/** A node's place in a realm. */
export interface Attachment {
  readonly name: string;
  readonly access: PathQuality;
  /** Decides what happens to what this node sends. */
  readonly random: SimStream;
  readonly isUp: boolean;
  receive(datagram: Datagram): void;
}

/** A router's answers to requests for mappings, by UPnP, PCP or NAT-PMP. */
export interface PortMapper {
  /**
   * Maps an external port to an inner endpoint for good, and lets everybody in there. Answers where it can be reached;
   * undefined when another endpoint has the port. Where the NAT maps by destination, the first destination sees it too.
   */
  addPortMapping(inner: Ipv4Endpoint, externalPort: number): Ipv4Endpoint | undefined;
  deletePortMapping(externalPort: number): void;
}

export type DatagramObserver = (datagram: Readonly<Datagram>, from: Attachment, realm: Realm) => void;

const losesNothing = (): boolean => false;

/** The parts of a realm. `firstAddress` is the first that `allocate` gives away. */
export interface RealmParts {
  /** The name of the NAT in front, where there is one. */
  readonly name: string;
  readonly firstAddress: Ipv4Value;
  readonly core: PathQuality;
  /** Hands datagrams to and from the gateway over in the call that sends them, where the way takes no time. */
  readonly isImmediate: boolean;
  readonly clock: VirtualClock;
  readonly traffic: Traffic;
}

/**
 * One IPv4 address space: the public Internet, or the network behind one NAT. Datagrams to addresses that no node here has go to
 * the gateway, if there is one. Multicast goes to the members of its group here and no further.
 */
export class Realm {
  readonly name: string;
  /** The NAT that leads out of here. */
  gateway: Attachment | undefined;
  /** The NAT that leads out of here, if it takes requests for mappings. */
  portMapper: PortMapper | undefined;
  /** Decides which datagrams never arrive, whatever the quality; none by default. */
  loses: (datagram: Readonly<Datagram>) => boolean = losesNothing;
  /** Quality of this realm; may change at any time. */
  core: PathQuality;
  /** Never between two of its nodes: none is called before its own call has returned. */
  readonly isImmediate: boolean;
  readonly #clock: VirtualClock;
  readonly #traffic: Traffic;
  #observers: DatagramObserver[] | undefined;
  /** The first node; most realms have no other, and need no table. */
  #firstNode: Attachment | undefined;
  #firstNodeAddress: Ipv4Value = 0;
  #otherNodes: Map<Ipv4Value, Attachment> | undefined;
  #groups: Map<Ipv4Value, Set<Attachment>> | undefined;
  #nextAddress: Ipv4Value;

  constructor({ name, firstAddress, core, isImmediate, clock, traffic }: RealmParts) {
    this.name = name;
    this.#nextAddress = firstAddress;
    this.core = core;
    this.isImmediate = isImmediate;
    this.#clock = clock;
    this.#traffic = traffic;
  }

  /** See every datagram that is sent here, lost ones included. */
  get observers(): DatagramObserver[] {
    this.#observers ??= [];
    return this.#observers;
  }

  /** `count` fresh addresses in a row; none ends in 0 or 255. */
  allocate(count = 1): Ipv4Value[] {
    if ((this.#nextAddress & 0xff) + count > 254) this.#nextAddress = (((this.#nextAddress | 0xff) >>> 0) + 2) >>> 0;
    const first = this.#nextAddress;
    this.#nextAddress += count;
    return Array.from({ length: count }, (_, index) => first + index);
  }

  /** @throws Error when the address is taken. */
  attach(address: Ipv4Value, node: Attachment): void {
    if (this.#nodeAt(address) !== undefined) throw new Error(`Two nodes of ${this.name} have the address ${address}.`);
    if (this.#firstNode === undefined) {
      this.#firstNode = node;
      this.#firstNodeAddress = address;
    } else {
      this.#otherNodes ??= new Map();
      this.#otherNodes.set(address, node);
    }
  }

  detach(address: Ipv4Value): void {
    if (this.#firstNodeAddress === address) this.#firstNode = undefined;
    this.#otherNodes?.delete(address);
  }

  /** Lets the node hear what others in this realm send to a multicast group. */
  join(group: Ipv4Value, node: Attachment): void {
    this.#groups ??= new Map();
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(node));
  }

  leave(group: Ipv4Value, node: Attachment): void {
    this.#groups?.get(group)?.delete(node);
  }

  /** Takes the datagram over and delivers it, late, twice or never. */
  send(datagram: Datagram, from: Attachment): void {
    this.#traffic.sent++;
    this.#traffic.octets += datagram.payload.length;
    if (this.#observers !== undefined) for (const observe of this.#observers) observe(datagram, from, this);
    if (this.loses(datagram)) {
      this.#traffic.lost++;
      return;
    }
    if (isMulticast(datagram.destinationAddress)) {
      for (const member of this.#groups?.get(datagram.destinationAddress) ?? []) {
        if (member !== from) this.#carry({ ...datagram, payload: datagram.payload.slice() }, from, member);
      }
      return;
    }
    const to = this.#nodeAt(datagram.destinationAddress) ?? this.gateway;
    if (to === undefined || to === from) this.#traffic.unroutable++;
    else this.#carry(datagram, from, to);
  }

  #nodeAt(address: Ipv4Value): Attachment | undefined {
    if (this.#firstNode !== undefined && this.#firstNodeAddress === address) return this.#firstNode;
    return this.#otherNodes?.get(address);
  }

  #carry(datagram: Datagram, from: Attachment, to: Attachment): void {
    const stretches: Stretches = [from.access, this.core, to.access];
    const copies = copiesOver(stretches, from.random);
    this.#traffic.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = crossingTime(stretches, from.random);
      const own = copy === 0 ? datagram : { ...datagram, payload: datagram.payload.slice() };
      if (delay === undefined) this.#traffic.lost++;
      else if (delay === 0 && this.isImmediate && (to === this.gateway || from === this.gateway))
        deliver(own, to, this.#traffic);
      else this.#clock.set(new Arrival(own, to, this.#traffic), this.#clock.now + delay);
    }
  }
}

/** A datagram in transit. */
class Arrival extends Timer {
  readonly #datagram: Datagram;
  readonly #to: Attachment;
  readonly #traffic: Traffic;

  constructor(datagram: Datagram, to: Attachment, traffic: Traffic) {
    super();
    this.#datagram = datagram;
    this.#to = to;
    this.#traffic = traffic;
  }

  fire(): void {
    deliver(this.#datagram, this.#to, this.#traffic);
  }
}

function deliver(datagram: Datagram, to: Attachment, traffic: Traffic): void {
  if (!to.isUp) {
    traffic.unroutable++;
    return;
  }
  traffic.delivered++;
  to.receive(datagram);
}

export function isMulticast(address: Ipv4Value): boolean {
  return address >>> 28 === 0xe;
}
