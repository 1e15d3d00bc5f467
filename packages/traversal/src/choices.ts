// Limits that the specification leaves open.

/** Packets that wait for one peer at most (CL-T-18, RL-T-13). */
export const queuedPacketsPerPeer = 8;

/** Octets of the largest packet that can wait: the link MTU; larger ones are refused before. */
export const queuedPacketLimit = 1280;

/** Bubbles sent in answer to bubbles (CL-B-09): per peer in a short and a long time, and over all peers. */
export const repliesPerSpacing = 4;
export const repliesPerWindow = 20;
export const repliesPerSecond = 100;

/** Share of the table that entries made by unsolicited packets may fill (CL-P-05). */
export const unsolicitedShare = 0.25;
