/** One packet of a capture. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** As in `linkTypes`, or any other number; undefined: the kind of link is to be guessed. */
  readonly linkType: number | undefined;
  /** Milliseconds since 1970. */
  readonly atMs?: number;
}

/** Link types of the pcap format that are understood. */
export const linkTypes = {
  null: 0,
  ethernet: 1,
  rawOfBsd: 12,
  rawOfOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  linuxCooked2: 276,
} as const;

/** The end of a capture: `problem` is a sentence if it cannot be read further. */
export interface CaptureEnd {
  readonly problem?: string | undefined;
}

/** Our choice: more octets than any link has in one packet. A longer one shows that the file is damaged. */
export const longestFrame = 262_144;

export function cutProblem(offset: number): CaptureEnd {
  return { problem: `The capture ends in the middle of a packet, at octet ${offset}.` };
}

export function damagedProblem(offset: number): CaptureEnd {
  return { problem: `The capture is damaged at octet ${offset}.` };
}
