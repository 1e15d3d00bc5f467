/** The reasons for drops by devices, with the row of the checklist that requires each. */
export const deviceDropReasons = {
  'send-buffer-full': 'WF-29',
  'send-failed': 'WF-29',
  'tunnel-read-malformed': 'WF-29',
  'tunnel-write-failed': 'WF-29',
} as const;

export type DeviceDropReason = keyof typeof deviceDropReasons;

/** Counts the drops of devices. */
export interface DropSink {
  drop(reason: DeviceDropReason, packets?: number): void;
  /**
   * Receives a datagram or packet that was dropped after it was queued, or one of the pieces of memory that make it up. Valid
   * during the call.
   */
  lost?(memory: Uint8Array, offset: number, octets: number): void;
}

/** Counts what devices drop, by reason. */
export class DeviceDropCounts implements DropSink {
  readonly #counts: Record<DeviceDropReason, number> = {
    'send-buffer-full': 0,
    'send-failed': 0,
    'tunnel-read-malformed': 0,
    'tunnel-write-failed': 0,
  };

  drop(reason: DeviceDropReason, packets = 1): void {
    this.#counts[reason] += packets;
  }

  /** Returns the counts of the reasons that occurred. */
  snapshot(): Readonly<Partial<Record<DeviceDropReason, number>>> {
    const counts: Partial<Record<DeviceDropReason, number>> = {};
    for (const [reason, count] of Object.entries(this.#counts) as [DeviceDropReason, number][]) {
      if (count > 0) counts[reason] = count;
    }
    return counts;
  }
}
