import { type Ipv6Value, ipv6Equals, ipv6EqualsAt, readIpv6, readUint16 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import {
  destinationOffset,
  echoIdentifierOffset,
  icmpv6ChecksumOk,
  icmpv6TypeOf,
  isEchoReply,
  isEchoRequest,
  isIcmpv6,
  nextHeaderOf,
  sourceOffset,
  writeEchoReplyInPlace,
  writeEchoRequest,
} from '@navalis/wire';
import type { SimRandom } from '../sim-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { Transfer, TransferReceiver, transferNextHeader } from './transfer.ts';

/** An echo request, sent once or again and again until the answer is there. */
export interface Ping {
  readonly startedAt: Milliseconds;
  /** How many requests have left. */
  sent: number;
  answeredAt: Milliseconds | undefined;
}

interface EchoRequest {
  readonly ping: Ping;
  readonly to: Ipv6Value;
  readonly answered: ((ping: Ping) => void) | undefined;
}

/** An ICMPv6 error that a host received. */
export interface HostError {
  readonly at: Milliseconds;
  readonly type: number;
  readonly code: number;
}

/** A host's IPv6: it answers echo requests, sends them, and does transfers. */
export abstract class Ipv6Host {
  readonly name: string;
  protected readonly clock: VirtualClock;
  readonly #random: SimRandom;
  // Created when they are needed: most hosts of a crowd never send.
  #errors: HostError[] | undefined;
  #observers: ((packet: Uint8Array) => void)[] | undefined;
  #hostRandom: SimRandom | undefined;
  #requests: Map<number, EchoRequest> | undefined;
  #transfers: Map<number, Transfer> | undefined;
  #receiver: TransferReceiver | undefined;
  #lastIdentifier = 0;

  constructor(name: string, clock: VirtualClock, random: SimRandom) {
    this.name = name;
    this.clock = clock;
    this.#random = random;
  }

  /** ICMPv6 errors that came in. */
  get errors(): readonly HostError[] {
    return this.#errors ?? [];
  }

  /** Sees every packet that the host receives. */
  get observers(): ((packet: Uint8Array) => void)[] {
    this.#observers ??= [];
    return this.#observers;
  }

  /** The address that the host speaks from; undefined while it has none. */
  abstract get address(): Ipv6Value | undefined;

  /** Sends packets of one flow, taking them over. */
  protected abstract transmit(packets: readonly Uint8Array[]): void;

  /** Sends packets that the test made. */
  send(...packets: readonly Uint8Array[]): void {
    this.transmit(packets);
  }

  /** Sends one Echo Request, or with `everyMs` one in that time until one is answered, which `answered` hears of. */
  ping(target: Ipv6Host | Ipv6Value, everyMs?: Milliseconds, answered?: (ping: Ping) => void): Ping {
    const ping: Ping = { startedAt: this.clock.now, sent: 0, answeredAt: undefined };
    const send = () => {
      if (ping.answeredAt !== undefined) return;
      this.#sendEcho(addressOf(target), ping, answered);
      if (everyMs !== undefined) this.clock.after(everyMs, send);
    };
    send();
    return ping;
  }

  /** Sends so many random octets to the target and has it compare them; lost segments are sent again. */
  transfer(target: Ipv6Host | Ipv6Value, octets: number): Transfer {
    const identifier = this.#nextIdentifier();
    const content = new Uint8Array(octets);
    this.#hostRandom ??= this.#random.derive('host');
    this.#hostRandom.fill(content);
    const transfer = new Transfer(identifier, content, this.clock, (build) => {
      const [source, destination] = [this.address, addressOf(target)];
      if (source !== undefined && destination !== undefined) this.transmit(build(source, destination));
    });
    this.#transfers ??= new Map();
    this.#transfers.set(identifier, transfer);
    transfer.start();
    return transfer;
  }

  protected receive(packet: Uint8Array): void {
    for (const observe of this.#observers ?? []) observe(packet);
    const { address } = this;
    if (address === undefined || !ipv6EqualsAt(packet, destinationOffset, address)) return;
    if (nextHeaderOf(packet, 0) === transferNextHeader) this.#receiveSegment(packet);
    else if (isIcmpv6(packet, 0)) this.#receiveIcmpv6(packet, address);
  }

  #receiveIcmpv6(packet: Uint8Array, address: Ipv6Value): void {
    if (isEchoRequest(packet, 0)) {
      writeEchoReplyInPlace(packet, 0, address);
      this.transmit([packet]);
    } else if (isEchoReply(packet, 0)) {
      this.#receiveReply(packet);
    } else if (icmpv6TypeOf(packet, 0) < 128 && icmpv6ChecksumOk(packet, 0)) {
      this.#errors ??= [];
      this.#errors.push({ at: this.clock.now, type: icmpv6TypeOf(packet, 0), code: packet[41]! });
    }
  }

  #receiveReply(packet: Uint8Array): void {
    const identifier = readUint16(packet, echoIdentifierOffset);
    const request = this.#requests?.get(identifier);
    if (request === undefined || !ipv6Equals(readIpv6(packet, sourceOffset), request.to)) return;
    this.#requests?.delete(identifier);
    if (request.ping.answeredAt !== undefined) return;
    request.ping.answeredAt = this.clock.now;
    request.answered?.(request.ping);
  }

  #receiveSegment(packet: Uint8Array): void {
    this.#receiver ??= new TransferReceiver();
    const acknowledgement = this.#receiver.receive(packet);
    if (acknowledgement !== undefined) this.transmit([acknowledgement]);
    else this.#transfers?.get(Transfer.identifierOf(packet))?.acknowledge(packet);
  }

  #sendEcho(destination: Ipv6Value | undefined, ping: Ping, answered: EchoRequest['answered']): void {
    const source = this.address;
    if (source === undefined || destination === undefined) return;
    const identifier = this.#nextIdentifier();
    this.#requests ??= new Map();
    this.#requests.set(identifier, { ping, to: destination, answered });
    const packet = new Uint8Array(56);
    writeEchoRequest(packet, 0, {
      source,
      destination,
      identifier,
      sequence: ping.sent++,
      hopLimit: 64,
      data: new Uint8Array(8).fill(identifier),
    });
    this.transmit([packet]);
  }

  #nextIdentifier(): number {
    this.#lastIdentifier = (this.#lastIdentifier % 0xffff) + 1;
    return this.#lastIdentifier;
  }
}

function addressOf(target: Ipv6Host | Ipv6Value): Ipv6Value | undefined {
  return target instanceof Ipv6Host ? target.address : target;
}
