import { type Ipv4Endpoint, type Ipv4Value, ipv4EndpointEquals } from '@navalis/address';
import type { NatBehaviour } from '@navalis/nat';
import { type PathQuality, perfectPath } from '../paths/path-quality.ts';
import type { Attachment, Datagram, PortMapper, Realm } from '../paths/realm.ts';
import type { Traffic } from '../paths/traffic.ts';
import type { SimStream } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { NatMappings } from './nat-mappings.ts';

export interface NatParts {
  readonly name: string;
  readonly behaviour: NatBehaviour;
  readonly inside: Realm;
  readonly outside: Realm;
  readonly access: PathQuality;
  readonly random: SimStream;
  readonly clock: VirtualClock;
  readonly traffic: Traffic;
}

/** A NAT between two realms: the gateway of the one, a host with one or several addresses in the other. */
export class Nat implements Attachment, PortMapper {
  readonly name: string;
  readonly behaviour: NatBehaviour;
  readonly inside: Realm;
  readonly outside: Realm;
  readonly access: PathQuality;
  readonly random: SimStream;
  isUp = true;
  readonly #clock: VirtualClock;
  readonly #traffic: Traffic;
  readonly #mappings: NatMappings;
  readonly #inner: InnerSide;
  #addresses: readonly Ipv4Value[];

  constructor(parts: NatParts) {
    this.name = parts.name;
    this.behaviour = parts.behaviour;
    this.inside = parts.inside;
    this.outside = parts.outside;
    this.access = parts.access;
    this.random = parts.random;
    this.#clock = parts.clock;
    this.#traffic = parts.traffic;
    this.#addresses = parts.outside.allocate(parts.behaviour.externalAddresses);
    this.#mappings = new NatMappings(parts.behaviour, this.#addresses, parts.random);
    this.#inner = new InnerSide(this);
    parts.inside.gateway = this.#inner;
    if (parts.behaviour.portMapping) parts.inside.portMapper = this;
    for (const address of this.#addresses) parts.outside.attach(address, this);
  }

  /** Its external addresses. */
  get addresses(): readonly Ipv4Value[] {
    return this.#addresses;
  }

  /**
   * Opens an external port for an inner endpoint, as its owner would by hand; returns its external endpoint. The endpoint also
   * sends through it unless the NAT maps by destination.
   */
  forward(inner: Ipv4Endpoint, externalPort: number): Ipv4Endpoint {
    return this.#mappings.addStatic(inner, externalPort, this.#mapsByDestination ? 'nothing' : 'everything');
  }

  /** Reserves an external port for all that an inner endpoint sends and receives (RFC 4380 5.2.10). */
  reserve(inner: Ipv4Endpoint, externalPort: number): Ipv4Endpoint {
    return this.#mappings.addStatic(inner, externalPort, 'everything');
  }

  addPortMapping(inner: Ipv4Endpoint, externalPort: number): Ipv4Endpoint | undefined {
    const owner = this.#mappings.ownerOf(externalPort, this.#clock.now);
    if (owner !== undefined && !ipv4EndpointEquals(owner, inner)) return undefined;
    return this.#mappings.addStatic(inner, externalPort, this.#mapsByDestination ? 'one-destination' : 'everything');
  }

  deletePortMapping(externalPort: number): void {
    this.#mappings.removeStatic(externalPort);
  }

  get #mapsByDestination(): boolean {
    return this.behaviour.mapping !== 'endpoint-independent';
  }

  /** Returns true while an external endpoint has a mapping. */
  isMapped(external: Ipv4Endpoint): boolean {
    return this.#mappings.isMapped(external, this.#clock.now);
  }

  /** Forgets all mappings, as when the power fails for a moment. */
  reboot(): void {
    this.#mappings.reset(this.#addresses);
  }

  /** Gets fresh external addresses from the provider, and forgets all mappings. */
  changeAddress(): void {
    this.#takeFreshAddresses();
    this.#mappings.reset(this.#addresses);
  }

  /**
   * Takes new external addresses, and keeps the existing mappings at the old ones as long as they are used: packets
   * that leave through them get no answer.
   */
  changeAddressOnly(): void {
    this.#takeFreshAddresses();
    this.#mappings.useForNewOnes(this.#addresses);
  }

  #takeFreshAddresses(): void {
    for (const address of this.#addresses) this.outside.detach(address);
    this.#addresses = this.outside.allocate(this.behaviour.externalAddresses);
    for (const address of this.#addresses) this.outside.attach(address, this);
  }

  /** Takes a datagram from inside, for an address that nobody has there. */
  handleOutbound(datagram: Datagram): void {
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = datagram;
    const inner = { address: sourceAddress, port: sourcePort };
    const remote = { address: destinationAddress, port: destinationPort };
    const isHairpin = this.#addresses.includes(destinationAddress);
    const mapping =
      isHairpin && !this.behaviour.hairpinning ? undefined : this.#mappings.outbound(inner, remote, this.#clock.now);
    if (mapping === undefined) {
      this.#traffic.filtered++;
      return;
    }
    datagram.sourceAddress = mapping.externalAddress;
    datagram.sourcePort = mapping.externalPort;
    // RFC 4787 6: what comes back in shows its external source.
    if (isHairpin && this.inside.isImmediate) this.#clock.after(0, () => this.receive(datagram));
    else if (isHairpin) this.receive(datagram);
    else this.outside.send(datagram, this);
  }

  /** Takes a datagram from outside, or a hairpin. */
  receive(datagram: Datagram): void {
    const remote = { address: datagram.sourceAddress, port: datagram.sourcePort };
    const { destinationAddress, destinationPort } = datagram;
    const mapping = this.#mappings.inbound(destinationAddress, destinationPort, remote, this.#clock.now);
    if (mapping === undefined) {
      this.#traffic.filtered++;
      return;
    }
    datagram.destinationAddress = mapping.innerAddress;
    datagram.destinationPort = mapping.innerPort;
    this.inside.send(datagram, this.#inner);
  }
}

/** The place of a NAT in the realm behind it. */
class InnerSide implements Attachment {
  readonly access: PathQuality = perfectPath;
  readonly #nat: Nat;

  constructor(nat: Nat) {
    this.#nat = nat;
  }

  get name(): string {
    return `${this.#nat.name} inside`;
  }

  get random(): SimStream {
    return this.#nat.random;
  }

  get isUp(): boolean {
    return this.#nat.isUp;
  }

  receive(datagram: Datagram): void {
    this.#nat.handleOutbound(datagram);
  }
}
