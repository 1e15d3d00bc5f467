import { type DropReason, dropReasonNames } from './drop-reasons.ts';

/**
 * The counts of an engine since its start, ready for JSON: totals by name, drops by reason (only reasons that occurred). A program adds
 * the reasons of its devices.
 */
export interface CounterSnapshot<Reason extends string = DropReason> {
  readonly datagramsReceived: number;
  readonly octetsReceived: number;
  readonly datagramsSent: number;
  readonly octetsSent: number;
  readonly packetsDelivered: number;
  readonly packetsTaken: number;
  readonly bubblesReceived: number;
  readonly bubblesSent: number;
  readonly solicitationsReceived: number;
  readonly solicitationsSent: number;
  readonly advertisementsReceived: number;
  readonly advertisementsSent: number;
  readonly errorsSent: number;
  readonly portsRefused: number;
  readonly pathsUpgraded: number;
  readonly peersEvicted: number;
  readonly drops: Readonly<Partial<Record<Reason, number>>>;
}

/** The counters of one engine. Plain number fields, so that counting costs an addition. */
export class Counters {
  /** UDP payloads that reached the engine, good or bad. */
  datagramsReceived = 0;
  octetsReceived = 0;
  datagramsSent = 0;
  octetsSent = 0;
  /** IPv6 packets handed to the host. */
  packetsDelivered = 0;
  /** IPv6 packets that the host sent into the tunnel. */
  packetsTaken = 0;
  bubblesReceived = 0;
  bubblesSent = 0;
  solicitationsReceived = 0;
  solicitationsSent = 0;
  advertisementsReceived = 0;
  advertisementsSent = 0;
  /** ICMPv6 errors given back to the host or the native side. */
  errorsSent = 0;
  /** UDP ports that could not be opened. */
  portsRefused = 0;
  /** How often a peer that a TURN server relayed was reached without it. */
  pathsUpgraded = 0;
  /** Peers in use that left the full table for others. */
  peersEvicted = 0;
  /** Created with the first call of `drop`, all reasons at once, so that counting costs an addition from then on. */
  #drops: Record<DropReason, number> | undefined;

  /** Counts `packets` dropped for one reason. */
  drop(reason: DropReason, packets = 1): void {
    this.#drops ??= noDrops();
    this.#drops[reason] += packets;
  }

  dropsFor(reason: DropReason): number {
    return this.#drops?.[reason] ?? 0;
  }

  snapshot(): CounterSnapshot {
    const drops: Partial<Record<DropReason, number>> = {};
    if (this.#drops !== undefined)
      for (const name of dropReasonNames) if (this.#drops[name] > 0) drops[name] = this.#drops[name];
    return {
      datagramsReceived: this.datagramsReceived,
      octetsReceived: this.octetsReceived,
      datagramsSent: this.datagramsSent,
      octetsSent: this.octetsSent,
      packetsDelivered: this.packetsDelivered,
      packetsTaken: this.packetsTaken,
      bubblesReceived: this.bubblesReceived,
      bubblesSent: this.bubblesSent,
      solicitationsReceived: this.solicitationsReceived,
      solicitationsSent: this.solicitationsSent,
      advertisementsReceived: this.advertisementsReceived,
      advertisementsSent: this.advertisementsSent,
      errorsSent: this.errorsSent,
      portsRefused: this.portsRefused,
      pathsUpgraded: this.pathsUpgraded,
      peersEvicted: this.peersEvicted,
      drops,
    };
  }
}

function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(dropReasonNames.map((name) => [name, 0])) as Record<DropReason, number>;
}
