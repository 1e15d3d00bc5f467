import type { DropReason } from '@navalis/engine';

/** Where devices count what they had to drop; an engine's `Counters` is one. */
export interface DropSink {
  drop(reason: DropReason, packets?: number): void;
  /**
   * Of what was dropped after it had been queued: a datagram or packet, or one of the pieces of memory that it was put together
   * from. Valid during the call.
   */
  lost?(memory: Uint8Array, offset: number, octets: number): void;
}
