import type { Milliseconds } from '@navalis/engine';
import { noPeer, type PeerIndex, type PeerTable, validityMs } from '@navalis/traversal';
import { renewalTurnMs, rowsPerRenewalTurn } from './constants.ts';

const never = Number.POSITIVE_INFINITY;

/**
 * One walk over the clients that were heard in the 30 s before the relay's own endpoint changed, a bounded part of the
 * table at a time. It ends after 30 s at the latest: by then every client has noticed by itself. Holds three numbers.
 */
export class Renewal {
  readonly #table: PeerTable;
  #changedAt: Milliseconds = 0;
  #row: PeerIndex = 1;
  #deadline: Milliseconds = never;

  constructor(table: PeerTable) {
    this.#table = table;
  }

  /** Begins with the first row, at once. */
  begin(now: Milliseconds): void {
    this.#changedAt = now;
    this.#row = 1;
    this.#deadline = now;
  }

  end(): void {
    this.#deadline = never;
  }

  nextDeadline(): Milliseconds {
    return this.#deadline;
  }

  /** The next client that knows the old endpoint only; `noPeer` at the end of this time slice or of the walk. */
  next(now: Milliseconds): PeerIndex {
    const { highestRow } = this.#table;
    if (now - this.#changedAt >= validityMs) this.#row = highestRow + 1;
    const last = Math.min(highestRow, this.#row + rowsPerRenewalTurn - 1);
    while (this.#row <= last) {
      const peer = this.#row++;
      const heardBefore = this.#changedAt - this.#table.lastReception(peer);
      if (heardBefore > 0 && heardBefore < validityMs && this.#table.isTrusted(peer)) {
        this.#deadline = now + renewalTurnMs;
        return peer;
      }
    }
    this.#deadline = this.#row > highestRow ? never : now + renewalTurnMs;
    return noPeer;
  }
}
