// Our own choices; the specification's constants live beside what they rule in @navalis/peers and @navalis/wire.

/** Clients that a relay knows at once if nothing else is said (RL-T-19). */
export const relayPeers = 65_536;

/** Packets that wait for clients at once (RL-T-13). */
export const relayQueuedPackets = 4096;

/**
 * Clients that packets from the native side may add, if nothing else is said, and what the burst is to it (RL-T-19): a scan of
 * the prefix must not exhaust the table.
 */
export const newPeersPerSecond = 100;
export const newPeersBurstFactor = 2;
