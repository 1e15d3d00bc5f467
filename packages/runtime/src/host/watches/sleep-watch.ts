import { readFileSync } from 'node:fs';
import { type ClockReadings, SleepDetector } from '@navalis/life';
import type { Time } from '../../scheduling/time.ts';

/** How often the clocks are compared; also the longest delay after the end of a sleep. */
const checkIntervalMs = 2_000;

/** Calls `resumed` after each sleep of this host with its length. Returns a function that ends the watch. */
export function watchSleep(
  time: Time,
  resumed: (sleptMs: number) => void,
  boot: () => number = bootClock(time),
): () => void {
  const read = (): ClockReadings => ({ awake: time.now(), boot: boot(), wall: time.wall() });
  const detector = new SleepDetector(read());
  return time.every(checkIntervalMs, () => {
    const sleptMs = detector.observe(read());
    if (sleptMs !== undefined) resumed(sleptMs);
  });
}

/**
 * Returns a clock that continues while the host sleeps: the first number of `/proc/uptime` is CLOCK_BOOTTIME in seconds
 * (proc_uptime(5)). Without that file, it is the monotonic clock, which shows no sleep.
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
