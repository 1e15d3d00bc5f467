import { type Ipv4Endpoint, type Ipv6Value, ipv6EqualsAt } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import {
  bubbleLength,
  type DatagramLayout,
  destinationOffset,
  isBubble,
  sourceOffset,
  writeBubble,
} from '@navalis/wire';
import { Attempt } from './attempt.ts';
import { answerTimeoutMs, intrusionSpacingMs, intrusionTransmissions } from './choices.ts';

export interface IntrusionParts {
  /** The IPv6 addresses by which the bubble is known again. */
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  /** The socket that it is to reach. */
  readonly socket: number;
  readonly send: (bubble: Uint8Array) => void;
}

/** A bubble that is to reach one of our own sockets, whether its NAT likes it or not. */
export class Intrusion {
  readonly attempt: Attempt;
  readonly #parts: IntrusionParts;

  constructor(parts: IntrusionParts, from: Milliseconds) {
    this.#parts = parts;
    const bubble = new Uint8Array(bubbleLength);
    writeBubble(bubble, 0, parts.source, parts.destination);
    this.attempt = new Attempt(() => parts.send(bubble), {
      from,
      transmissions: intrusionTransmissions,
      spacingMs: intrusionSpacingMs,
      patienceMs: answerTimeoutMs,
    });
  }

  /** Takes the datagram if it is the bubble; `through` is where it must come from, if that matters. */
  handle(
    socket: number,
    bytes: Uint8Array,
    layout: DatagramLayout,
    from: Ipv4Endpoint,
    through: Ipv4Endpoint | undefined,
    now: Milliseconds,
  ): boolean {
    const { source, destination } = this.#parts;
    if (socket !== this.#parts.socket || !isBubble(bytes, layout.packetOffset)) return false;
    if (through !== undefined && (from.address !== through.address || from.port !== through.port)) return false;
    if (!ipv6EqualsAt(bytes, layout.packetOffset + sourceOffset, source)) return false;
    if (!ipv6EqualsAt(bytes, layout.packetOffset + destinationOffset, destination)) return false;
    this.attempt.succeed(now);
    return true;
  }
}
