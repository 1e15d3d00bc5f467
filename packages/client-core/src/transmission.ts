import {
  embeddedAddress,
  embeddedFlags,
  embeddedPort,
  type Ipv6Value,
  isWellFormedTeredo,
  teredoFlags,
} from '@navalis/address';
import type { Counters, DropReason, EngineOutputs, Icmpv6Errors, Milliseconds, PacketRun } from '@navalis/engine';
import { noPeer, type PeerIndex } from '@navalis/traversal';
import { type InnerHeader, isLinkChatter, isWellFormedPacket } from '@navalis/wire';
import type { Addressing } from './addressing.ts';
import { unreachableCodes } from './constants.ts';
import type { Contacts } from './contacts.ts';
import type { ContactsOnDemand } from './contacts-on-demand.ts';
import type { OwnAddress } from './own-address.ts';
import { sentHeader } from './views/sent.ts';

/** The collaborators of transmission. */
export interface TransmissionParts {
  readonly addressing: Addressing;
  readonly own: OwnAddress;
  readonly peers: ContactsOnDemand;
  readonly errors: Icmpv6Errors;
  readonly outputs: EngineOutputs;
  readonly counters: Counters;
}

/**
 * Handles packets from the host (RFC 4380 5.2.4). Cases in order: 1, a trusted peer; 2, a native destination; 5, a
 * Teredo destination, of which a peer on this link (case 3) is tried there first. Case 4 is skipped (RFC 5991 3.2) unless
 * cone bits are trusted: a client behind a cone NAT is sent to at once.
 */
export class Transmission {
  readonly #addressing: Addressing;
  readonly #own: OwnAddress;
  readonly #peers: ContactsOnDemand;
  /** Set by the first packet for a peer. */
  #contacts!: Contacts;
  readonly #errors: Icmpv6Errors;
  readonly #outputs: EngineOutputs;
  readonly #counters: Counters;
  readonly #trustsConeBit: boolean;
  readonly #header: InnerHeader = sentHeader;

  constructor(parts: TransmissionParts, trustsConeBit: boolean) {
    this.#addressing = parts.addressing;
    this.#own = parts.own;
    this.#peers = parts.peers;
    this.#errors = parts.errors;
    this.#outputs = parts.outputs;
    this.#counters = parts.counters;
    this.#trustsConeBit = trustsConeBit;
  }

  handle(run: PacketRun, now: Milliseconds): void {
    this.#counters.packetsTaken += run.count;
    const reason = this.#process(run, now);
    if (reason !== undefined) this.#counters.drop(reason, run.count);
  }

  #process(run: PacketRun, now: Milliseconds): DropReason | undefined {
    const { memory, offset, packetLength } = run;
    // A super-segment has one header, which does not give the length of each packet; the device has checked it.
    if (run.count === 1 && !isWellFormedPacket(memory, offset, packetLength)) return 'malformed-packet';
    if (!this.#own.isSet) {
      if (isLinkChatter(memory, offset)) return this.#overhear(run);
      this.#errors.unreachable(this.#own.router, unreachableCodes.noRoute, run, now);
      return 'not-qualified';
    }
    this.#header.readSource(memory, offset);
    if (!this.#own.is(this.#header.source)) {
      if (isLinkChatter(memory, offset)) return this.#overhear(run);
      this.#errors.unreachable(this.#own.router, unreachableCodes.sourceFailedPolicy, run, now);
      return 'foreign-source';
    }
    if (packetLength > this.#own.mtu) {
      this.#errors.tooBig(this.#own.router, this.#own.mtu, run, now);
      return 'packet-too-big';
    }
    this.#header.readDestination(memory, offset);
    const { destination } = this.#header;
    this.#contacts ??= this.#peers.obtain(now);
    const peer = this.#contacts.table.find(destination);
    if (this.#contacts.table.isUsable(peer, now)) {
      this.#contacts.transmit(peer, run, now);
      return undefined;
    }
    return this.#solicit(run, peer, destination, now);
  }

  /** Ignores packets that the kernel sends on every link: they are neither for the tunnel nor lost, and do not count (CL-T-21). */
  #overhear(run: PacketRun): undefined {
    this.#counters.packetsTaken -= run.count;
    return undefined;
  }

  /** Queues the packet until the peer has proven its endpoint. */
  #solicit(run: PacketRun, known: PeerIndex, destination: Ipv6Value, now: Milliseconds): DropReason | undefined {
    const { policy, ipv6Policy, servicePrefix } = this.#addressing;
    switch (ipv6Policy.classify(destination)) {
      case 'teredo':
        if (this.#own.is(destination)) {
          this.#counters.packetsDelivered += run.count;
          this.#outputs.deliverPackets(run);
          return undefined;
        }
        if (this.#own.isSibling(destination)) return 'sibling-of-own-address';
        if (!isWellFormedTeredo(destination, policy, servicePrefix)) return 'embedded-not-global';
        if (this.#trustsConeBit && isCone(destination) && !this.#contacts.isLocal(known, now)) {
          this.#contacts.transmitUnproven(run, embeddedAddress(destination), embeddedPort(destination));
          return undefined;
        }
        break;
      case 'global':
      case '6to4':
      case 'documentation':
        break;
      default:
        return 'destination-not-allowed';
    }
    const peer = known === noPeer ? this.#contacts.table.insert(destination, 'solicited', now) : known;
    if (!this.#contacts.solicit(peer, now)) {
      this.#contacts.traversal.reportUnreachable(run, now);
      return 'unreachable';
    }
    this.#contacts.traversal.enqueue(peer, run);
    return undefined;
  }
}

function isCone(address: Ipv6Value): boolean {
  return (embeddedFlags(address) & teredoFlags.cone) !== 0;
}
