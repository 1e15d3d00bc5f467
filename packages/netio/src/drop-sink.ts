/** Why a device drops what it was given or what it received. */
export type DeviceDropReason = 'send-buffer-full' | 'send-failed' | 'tunnel-read-malformed' | 'tunnel-write-failed';

/** Where devices count what they had to drop. */
export interface DropSink {
  drop(reason: DeviceDropReason, packets?: number): void;
  /**
   * Of what was dropped after it had been queued: a datagram or packet, or one of the pieces of memory that it was put together
   * from. Valid during the call.
   */
  lost?(memory: Uint8Array, offset: number, octets: number): void;
}
