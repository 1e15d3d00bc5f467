import { type Ipv4Endpoint, type Ipv6Value, ipv4EndpointEquals, ipv6EqualsAt } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import { bubbleLength, destinationOffset, isBubble, sourceOffset, writeBubble } from '@navalis/wire';
import { answerTimeoutMs, controlArrivals, intrusionSpacingMs, intrusionTransmissions } from '../choices.ts';
import type { Passage } from '../findings.ts';
import { Attempt } from './attempt.ts';
import type { Arrival, Exchange } from './exchange.ts';

export interface IntrusionParts {
  /** The IPv6 addresses by which the bubble is known again. */
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
  /** The socket that it is to reach. */
  readonly socket: number;
  /** Where it must come from, if that matters. */
  readonly through?: Ipv4Endpoint | undefined;
  readonly send: (bubble: Uint8Array) => void;
  /** Sends all its bubbles and counts those that arrive. */
  readonly isControl?: boolean | undefined;
}

/** A bubble sent to one of the probe's own sockets to test whether the NAT lets it in. */
export class Intrusion implements Exchange {
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
      isCounted: parts.isControl === true,
    });
  }

  handle({ socket, bytes, layout, from }: Arrival, now: Milliseconds): void {
    const { source, destination, through } = this.#parts;
    if (socket !== this.#parts.socket || !isBubble(bytes, layout.packetOffset)) return;
    if (through !== undefined && !ipv4EndpointEquals(from, through)) return;
    if (!ipv6EqualsAt(bytes, layout.packetOffset + sourceOffset, source)) return;
    if (ipv6EqualsAt(bytes, layout.packetOffset + destinationOffset, destination)) this.attempt.succeed(now);
  }
}

/** Returns the conclusion from the silence or success of an intrusion, compared with its control. */
export function passageOf(intrusion: Intrusion | undefined, control: Intrusion | undefined): Passage {
  if (intrusion?.attempt.hasSucceeded === true) return 'passes';
  return intrusion !== undefined && isSound(control) ? 'filtered' : 'unknown';
}

/** Returns true if enough control bubbles arrived for silence elsewhere to be conclusive. */
export function isSound(control: Intrusion | undefined): boolean {
  return control !== undefined && control.attempt.successes >= controlArrivals;
}
