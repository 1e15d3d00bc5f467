import type { CounterSnapshot, Milliseconds } from '@navalis/engine';

/** The bounds of the check interval: a check costs a message to the data plane and back. */
const leastIntervalMs = 1_000;
const longestIntervalMs = 60_000;

/** Decides when a client is idle: it has had an address for a time in which the host sent nothing through the tunnel. */
export class Idleness {
  /** How often to call `observe`. */
  readonly checkIntervalMs: Milliseconds;
  readonly #timeoutMs: Milliseconds;
  #packets = 0;
  #since: Milliseconds;

  constructor(timeoutMs: Milliseconds, now: Milliseconds) {
    this.checkIntervalMs = Math.min(longestIntervalMs, Math.max(leastIntervalMs, timeoutMs / 10));
    this.#timeoutMs = timeoutMs;
    this.#since = now;
  }

  /** Records the counts of a client, and whether it has an address; returns whether it is idle. */
  observe(hasAddress: boolean, counters: CounterSnapshot, now: Milliseconds): boolean {
    const packets = packetsForTunnel(counters);
    if (hasAddress && packets === this.#packets) return now - this.#since >= this.#timeoutMs;
    this.#packets = packets;
    this.#since = now;
    return false;
  }
}

/** Counts the host's packets, less those that its kernel sends to neighbours on every link. Received packets do not count. */
function packetsForTunnel({ packetsTaken, drops }: CounterSnapshot): number {
  return packetsTaken - (drops['foreign-source'] ?? 0) - (drops['destination-not-allowed'] ?? 0);
}
