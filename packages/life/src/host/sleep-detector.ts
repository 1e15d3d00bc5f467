import type { Milliseconds } from '@navalis/engine';

/** Our choice: shorter sleeps do not matter, because no NAT drops a mapping so soon. */
const leastSleepMs = 5_000;

/** Our choice: people and time servers also set the wall clock, but seldom by this much. */
const leastWallJumpMs = 30_000;

/** Three clocks, read at one moment. */
export interface ClockReadings {
  /** Stops while the host sleeps: CLOCK_MONOTONIC, which deadlines use. */
  readonly awake: Milliseconds;
  /** Continues while the host sleeps: CLOCK_BOOTTIME. */
  readonly boot: Milliseconds;
  /** The wall clock, the only one that shows that a hypervisor stopped the host. */
  readonly wall: Milliseconds;
}

/** Detects that the host slept: compares two clocks that continue during a sleep with the one that stops. */
export class SleepDetector {
  #last: ClockReadings;

  constructor(readings: ClockReadings) {
    this.#last = readings;
  }

  /** Returns how long the host slept since the previous readings; undefined if it did not. */
  observe(readings: ClockReadings): Milliseconds | undefined {
    const last = this.#last;
    this.#last = readings;
    const awakeMs = readings.awake - last.awake;
    const sleptMs = readings.boot - last.boot - awakeMs;
    if (sleptMs >= leastSleepMs) return sleptMs;
    const jumpedMs = readings.wall - last.wall - awakeMs;
    return jumpedMs >= leastWallJumpMs ? jumpedMs : undefined;
  }
}
