import { readFileSync } from 'node:fs';

/** How often the clocks are compared; a sleep is noticed at most this long after its end. */
const lookMs = 2_000;

/** Our choice: shorter sleeps do not matter, no mapping of a NAT ends so soon. */
const leastSleepMs = 5_000;

/** Our choice: the wall clock is also set by people and time servers, seldom by so much. */
const leastWallJumpMs = 30_000;

/** Clocks in milliseconds. */
export interface SleepClocks {
  /** Stands still while the host sleeps: CLOCK_MONOTONIC, by which the data plane counts. */
  readonly awake: () => number;
  /** Goes on while the host sleeps: CLOCK_BOOTTIME. */
  readonly boot: () => number;
  /** The wall clock: the only one that shows that a hypervisor stopped the host for a while. */
  readonly wall: () => number;
}

/**
 * Calls `resumed` after each sleep of this host with its length. The clock that deadlines count by does not show a sleep, so
 * it is compared with those that do. Answers how to end the watch.
 */
export function watchSleep(resumed: (sleptMs: number) => void, clocks: SleepClocks = hostClocks): () => void {
  const look = () => {
    const awake = clocks.awake();
    return { asleep: clocks.boot() - awake, ahead: clocks.wall() - awake };
  };
  let last = look();
  const timer = setInterval(() => {
    const next = look();
    const sleptMs = next.asleep - last.asleep;
    const jumpedMs = next.ahead - last.ahead;
    last = next;
    if (sleptMs >= leastSleepMs) resumed(sleptMs);
    else if (jumpedMs >= leastWallJumpMs) resumed(jumpedMs);
  }, lookMs);
  return () => clearInterval(timer);
}

export const hostClocks: SleepClocks = {
  awake: () => performance.now(),
  boot: bootMs,
  wall: () => Date.now(),
};

/** The first number of `/proc/uptime` is CLOCK_BOOTTIME in seconds (proc_uptime(5)); where there is none, no clock. */
function bootMs(): number {
  try {
    return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;
  } catch {
    return performance.now();
  }
}
