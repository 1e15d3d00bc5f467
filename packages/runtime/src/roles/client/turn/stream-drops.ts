/** The reasons to drop a datagram on its way into a stream. */
export type StreamDropReason = 'turn-stream-full' | 'turn-stream-foreign';

/** The row of the checklist that requires each of them. */
export const streamDropReasons: Readonly<Record<StreamDropReason, string>> = {
  'turn-stream-full': 'TU-21',
  'turn-stream-foreign': 'TU-21',
};

/** Dropped datagrams, by reason. */
export type StreamDrops = Readonly<Record<StreamDropReason, number>>;

export const noStreamDrops: StreamDrops = { 'turn-stream-full': 0, 'turn-stream-foreign': 0 };
