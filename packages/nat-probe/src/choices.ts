// All of this is our own: RFC 4380 asks for no more than the difference between cone, restricted and symmetric.

/** Time for an answer before the question is sent again; RFC 4380 section 5.2.1 waits 4 s, too long for an interactive command. */
export const answerTimeoutMs = 700;

/** Enough that 10 % loss is not mistaken for a block. */
export const questionTransmissions = 7;

/** Datagrams that may be filtered: silence says something only when it is not loss. */
export const intrusionTransmissions = 10;
export const intrusionSpacingMs = 250;

/** Silence counts as filtering when at least so many of as many control bubbles arrived meanwhile. */
export const controlArrivals = 4;

/** Sockets by which the choice of ports is seen; each has two mappings. */
export const sequenceSockets = 4;

/** Steps between mapped ports that count as a sequence: other hosts behind the NAT take ports in between. */
export const longestSequenceStep = 8;

/** Any other port of the server, on which nobody answers: `discard`. */
export const otherServerPort = 9;

/** When the mappings of their own sockets are tried, seconds after they were last used; up to a limit. */
export const lifetimeTrialsSeconds: readonly number[] = [20, 30, 45, 60, 90, 120, 180, 300, 600];

/** An echo passes server, host and relay, and a relay asks for an unknown client every 2 s: it takes more patience. */
export const echoTransmissions = 8;
export const echoSpacingMs = 1_000;
export const echoPatienceMs = 3_000;

/** Octets of the packets by which the path's limit is found where the largest are lost, the largest first. */
export const smallerPackets: readonly number[] = [1232, 1152, 1024, 768, 512];

/** Octets of an echo's data that identify it as this probe's. */
export const echoNonceLength = 16;

/** Bubbles of relays that one echo answers at most: a probe is no reflector. */
export const relayAnswers = 10;
