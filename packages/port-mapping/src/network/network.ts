import type { Ipv4Value } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { AnswerDrops } from './answer-drops.ts';

/** The clock and timers of the mapper; tests replace them with virtual ones. */
export interface MapperTime {
  /** Reads a monotonic clock. */
  readonly now: () => Milliseconds;
  /** Calls `due` once, `delayMs` from now; returns a function that cancels it. */
  readonly after: (delayMs: Milliseconds, due: () => void) => () => void;
}

/** A router, and the way to it. */
export interface Gateway {
  /** Its address on the link: the next hop of the route in use. */
  readonly address: Ipv4Value;
  /** The address of this host on that link. */
  readonly local: Ipv4Value;
}

/** The ports that the protocols use; tests on one machine have others. */
export interface RouterPorts {
  /** The router's port of PCP and NAT-PMP. */
  readonly control: number;
  /** The hosts' port for announcements of PCP and NAT-PMP. */
  readonly announcements: number;
  readonly ssdp: number;
}

/** The assigned ports (RFC 6886 section 3.1, RFC 6887 section 19.2, UPnP Device Architecture 1.1). */
export const assignedPorts: RouterPorts = { control: 5351, announcements: 5350, ssdp: 1900 };

/** The collaborators of a protocol. */
export interface NetworkParts {
  readonly time: MapperTime;
  readonly ports: RouterPorts;
  readonly drops: AnswerDrops;
}
