import type { Ipv4Endpoint } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { DatagramLayout } from '@navalis/wire';
import type { Attempt } from './attempt.ts';

/** A datagram that came to one of the sockets, decoded; valid during the call. */
export interface Arrival {
  readonly socket: number;
  readonly bytes: Uint8Array;
  readonly layout: DatagramLayout;
  readonly from: Ipv4Endpoint;
}

/** Something that is sent, and what shows that it arrived. */
export interface Exchange {
  readonly attempt: Attempt;
  /** Takes the datagram if it belongs to this exchange; any other changes nothing. */
  handle(arrival: Arrival, now: Milliseconds): void;
}
