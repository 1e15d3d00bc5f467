// Our own choices; the specification's constants live beside what they rule in @navalis/traversal and @navalis/wire.

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

/** Histories of clients that were given up, removed with each new client once they have run out (RL-T-21). */
export const historiesPerAdmission = 4;

/**
 * When the relay's own endpoint changed, so many clients are told per time slice (RL-T-22): 1000 in a second, 80,000 octets of
 * bubbles. Each time slice visits a bounded part of the table.
 */
export const renewalsPerTurn = 50;
export const rowsPerRenewalTurn = 16_384;
export const renewalTurnMs = 50;
/** Bursts for a client for whom nothing waits; it keeps two for what may come. */
export const renewalBursts = 2;
