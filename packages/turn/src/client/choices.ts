/** Retransmission (RFC 8489 section 6.2.1): the first interval, doubled each time, and the factor of the last wait. */
export const firstIntervalMs = 500;
export const lastWaitFactor = 16;

/** Our choice: transmissions of a request. RFC 8489 proposes 7, which end after 39.5 s; 5 end after 15.5 s. */
export const transmissions = 5;

/** Our choice: of a Refresh that asks whether the allocation still exists; it ends after 7.5 s. */
export const checkTransmissions = 4;
export const checkLastWaitMs = 4_000;

/** Over TCP and TLS nothing is sent again; how long a response may take. RFC 8489 section 6.2.2 proposes 39.5 s. */
export const reliableWaitMs = 10_000;

/** Our choice: how long a server may leave an allocation unanswered before that is reported. Nothing is given up then. */
export const reportAfterMs = 3_500;

/** Requests that wait for a response, at most. */
export const transactionCapacity = 64;

/** A permission lasts 300 s, a channel 600 s, and its number stays with its endpoint for 300 s more (RFC 8656 sections 9, 12). */
export const permissionLifetimeMs = 300_000;
export const channelLifetimeMs = 600_000;
export const channelReuseMs = 300_000;

/** Our choice: when both are renewed. */
export const renewalMs = 240_000;

/** Our choice: addresses with permissions, endpoints that are counted, and channels; binding thousands is slow in servers. */
export const permissionCapacity = 1024;
export const endpointCapacity = 512;
export const channelCapacity = 256;

/** The first channel number (RFC 8656 section 12); 0x4000 to 0x4FFF. */
export const firstChannel = 0x4000;
export const lastChannel = 0x4fff;

/** Our choice: the datagram to an endpoint from which a channel is bound. */
export const datagramsBeforeChannel = 3;

/** Our choice: datagrams that wait for a permission, for each address and in all, and the longest. */
export const waitingPerAddress = 8;
export const waitingCapacity = 128;
export const longestWaiting = 2_048;

/** Our choice: new permissions a second. Anyone can cause one with a bubble, and each is a signed request. */
export const permissionsPerSecond = 32;

/** Our choice: how long an address stays refused after the server refused it. */
export const refusalMs = 60_000;

/** Our choice: how long the client sends without receiving anything before it asks for its allocation, and between two questions. */
export const silenceMs = 2_000;
export const checkSpacingMs = 15_000;

/** Lifetime of an allocation that is asked for, in seconds, and how long before its end it is refreshed. */
export const requestedLifetime = 600;
export const refreshMarginMs = 60_000;

/** Our choice: redirections by ALTERNATE-SERVER in a row. */
export const redirectionLimit = 3;

/** The longest message: names, realms and nonces have at most 763 octets each (RFC 8489 section 14). */
export const longestMessage = 2_560;
export const longestText = 763;

/** Our choice: octets of the list of password algorithms that a server offers, which signed requests repeat; two are known. */
export const longestAlgorithms = 64;
