import type { CounterSnapshot } from '@navalis/engine';
import type { DataPlaneStatus } from '../../worker/messages.ts';

/** A look costs a message to the data plane and back. */
const leastLookMs = 1_000;
const longestLookMs = 60_000;

/** Calls `idle` once when a client has had an address for a time in which the host sent nothing through the tunnel. */
export class IdleWatch {
  readonly #timeoutMs: number;
  readonly #clock: () => number;
  readonly #status: () => Promise<DataPlaneStatus | undefined>;
  readonly #idle: () => void;
  #timer: NodeJS.Timeout | undefined;
  #used = 0;
  #since: number;

  constructor(
    timeoutMs: number,
    clock: () => number,
    status: () => Promise<DataPlaneStatus | undefined>,
    idle: () => void,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#status = status;
    this.#idle = idle;
    this.#since = clock();
    const lookMs = Math.min(longestLookMs, Math.max(leastLookMs, timeoutMs / 10));
    this.#timer = setInterval(() => void this.#look(), lookMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const status = await this.#status();
    if (status === undefined || this.#timer === undefined) return;
    const used = packetsForTunnel(status.counters);
    if (used !== this.#used || status.state !== 'qualified') {
      this.#used = used;
      this.#since = this.#clock();
    } else if (this.#clock() - this.#since >= this.#timeoutMs) {
      this.close();
      this.#idle();
    }
  }
}

/** Packets of the host, less what its kernel says to neighbours on every link. What comes in uninvited is no use. */
function packetsForTunnel({ packetsTaken, drops }: CounterSnapshot): number {
  return packetsTaken - (drops['foreign-source'] ?? 0) - (drops['destination-not-allowed'] ?? 0);
}
