/** The reasons to drop a datagram on its way into a stream, with the row of the checklist that requires each. */
export const streamDropReasons = {
  'turn-stream-full': 'TU-21',
  'turn-stream-foreign': 'TU-21',
} as const;

export type StreamDropReason = keyof typeof streamDropReasons;

/** Dropped datagrams, by reason. */
export type StreamDrops = Readonly<Record<StreamDropReason, number>>;

export const noStreamDrops: StreamDrops = { 'turn-stream-full': 0, 'turn-stream-foreign': 0 };
