import { defaultLinkMtu } from '@navalis/wire';

// Limits that the specification leaves open.

/** Packets that wait for one peer at most (CL-T-18, RL-T-13). */
export const queuedPacketsPerPeer = 8;

/** Octets of the largest packet that can wait: the link MTU; larger ones are refused before. */
export const queuedPacketLimit: number = defaultLinkMtu;

/** Bubbles sent in answer to bubbles (CL-B-09): per peer in a short and a long time, and over all peers. */
export const repliesPerSpacing = 4;
export const repliesPerWindow = 20;
export const repliesPerSecond = 100;

/** Share of the table that entries made by unsolicited packets may fill (CL-P-05). */
export const unsolicitedShare = 0.25;

/** After so many bursts that a peer answers through its server alone, direct bubbles may spoil its answers (CL-B-14). */
export const usualBursts = 2;

/** The first attempt may send one more, when answers were lost. */
export const usualBurstsOfAttempt = 3;

/** Linux forgets one-way traffic after 30 s; the rest allows for packets in transit (CL-B-14). */
export const restMs = 32_000;

/** How long the nonce of an indirect bubble is good for (DD-35). */
export const nonceLifetimeMs = 30_000;

/** No mapping is expected to live longer without traffic (RFC 4787 section 4.3): a direct solicitation would be lost (SLR-10). */
export const longestSilenceMs = 300_000;

/** How long an attempt lasts (DD-03). */
export const attemptMs = 8_000;

/** The first connectivity test of a host that fell silent is repeated this often, so far apart, while packets go out (CL-P-13). */
export const earlyRepetitions = 3;
export const earlyRepetitionMs = 300;

/** Random ports that are open at once, and how many of them for peers that the host did not contact (PP-27). */
export const mostRandomPorts = 64;
export const mostUnsolicitedPorts = 16;

/** When a bubble leaves a random port for a peer that has none (PP-31): most others were reached before. */
export const randomPortRetryMs = 500;

/** When a trial to reach a peer without the relay is repeated first, and how often the wait doubles at most: up to 256 s. */
export const firstTrialMs = 2_000;
export const trialWaits = 8;

/** How often a peer that is reached without the relay is checked: it goes back there when it was silent for 30 s. */
export const upgradeCheckMs = 10_000;
