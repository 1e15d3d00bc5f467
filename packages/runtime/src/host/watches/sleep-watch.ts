import { readFileSync } from 'node:fs';
import type { Time } from '../../scheduling/time.ts';

/** How often the clocks are compared; a sleep is noticed at most this long after its end. */
const lookMs = 2_000;

/** Our choice: shorter sleeps do not matter, no mapping of a NAT ends so soon. */
const leastSleepMs = 5_000;

/** Our choice: the wall clock is also set by people and time servers, seldom by so much. */
const leastWallJumpMs = 30_000;

/**
 * Calls `resumed` after each sleep of this host with its length. The monotonic clock of deadlines (CLOCK_MONOTONIC) stops while
 * the host sleeps. It is compared with `boot`, which continues, and with the wall clock, the only one that shows that a
 * hypervisor stopped the host. Returns a function that ends the watch.
 */
export function watchSleep(
  time: Time,
  resumed: (sleptMs: number) => void,
  boot: () => number = bootClock(time),
): () => void {
  const look = () => {
    const awake = time.now();
    return { asleep: boot() - awake, ahead: time.wall() - awake };
  };
  let last = look();
  return time.every(lookMs, () => {
    const next = look();
    const sleptMs = next.asleep - last.asleep;
    const jumpedMs = next.ahead - last.ahead;
    last = next;
    if (sleptMs >= leastSleepMs) resumed(sleptMs);
    else if (jumpedMs >= leastWallJumpMs) resumed(jumpedMs);
  });
}

/**
 * Returns a clock that continues while the host sleeps: the first number of `/proc/uptime` is CLOCK_BOOTTIME in seconds
 * (proc_uptime(5)). Without that file it is the monotonic clock, which shows no sleep.
 */
export function bootClock(time: Pick<Time, 'now'>): () => number {
  return () => {
    try {
      return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;
    } catch {
      return time.now();
    }
  };
}
