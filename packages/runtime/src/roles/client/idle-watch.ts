import { Idleness } from '@navalis/life';
import type { Time } from '../../scheduling/time.ts';
import type { DataPlaneStatus } from '../../worker/messages.ts';

/** The sources and the listener of an idle watch. */
export interface IdleWatchParts {
  readonly time: Pick<Time, 'now' | 'every'>;
  readonly status: () => Promise<DataPlaneStatus | undefined>;
  readonly idle: () => void;
}

/** Reads a client's status at intervals, and calls `idle` once when the client is idle. */
export class IdleWatch {
  readonly #idleness: Idleness;
  readonly #parts: IdleWatchParts;
  /** Undefined after the end. */
  #endChecks: (() => void) | undefined;

  constructor(timeoutMs: number, parts: IdleWatchParts) {
    this.#idleness = new Idleness(timeoutMs, parts.time.now());
    this.#parts = parts;
    this.#endChecks = parts.time.every(this.#idleness.checkIntervalMs, () => void this.#check());
  }

  close(): void {
    this.#endChecks?.();
    this.#endChecks = undefined;
  }

  async #check(): Promise<void> {
    const { time, status: read, idle } = this.#parts;
    const status = await read();
    if (status === undefined || this.#endChecks === undefined) return;
    if (!this.#idleness.observe(status.state === 'qualified', status.counters, time.now())) return;
    this.close();
    idle();
  }
}
