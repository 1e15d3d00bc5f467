import type { CounterSnapshot } from '@navalis/engine';
import type { Time } from '../../scheduling/time.ts';
import type { DataPlaneStatus } from '../../worker/messages.ts';

/** The bounds of the time between looks: a look costs a message to the data plane and back. */
const leastLookMs = 1_000;
const longestLookMs = 60_000;

/** The sources and the listener of an idle watch. */
export interface IdleWatchParts {
  readonly time: Pick<Time, 'now' | 'every'>;
  readonly status: () => Promise<DataPlaneStatus | undefined>;
  readonly idle: () => void;
}

/** Calls `idle` once when a client has had an address for a time in which the host sent nothing through the tunnel. */
export class IdleWatch {
  readonly #timeoutMs: number;
  readonly #parts: IdleWatchParts;
  /** Undefined when it is closed. */
  #endLooks: (() => void) | undefined;
  #used = 0;
  #since: number;

  constructor(timeoutMs: number, parts: IdleWatchParts) {
    this.#timeoutMs = timeoutMs;
    this.#parts = parts;
    this.#since = parts.time.now();
    const lookMs = Math.min(longestLookMs, Math.max(leastLookMs, timeoutMs / 10));
    this.#endLooks = parts.time.every(lookMs, () => void this.#look());
  }

  close(): void {
    this.#endLooks?.();
    this.#endLooks = undefined;
  }

  async #look(): Promise<void> {
    const { time, status: read, idle } = this.#parts;
    const status = await read();
    if (status === undefined || this.#endLooks === undefined) return;
    const used = packetsForTunnel(status.counters);
    if (used !== this.#used || status.state !== 'qualified') {
      this.#used = used;
      this.#since = time.now();
    } else if (time.now() - this.#since >= this.#timeoutMs) {
      this.close();
      idle();
    }
  }
}

/** Counts the host's packets, less those that its kernel sends to neighbours on every link. Received packets do not count. */
function packetsForTunnel({ packetsTaken, drops }: CounterSnapshot): number {
  return packetsTaken - (drops['foreign-source'] ?? 0) - (drops['destination-not-allowed'] ?? 0);
}
