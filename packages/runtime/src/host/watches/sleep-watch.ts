import { type ClockReadings, SleepDetector } from '@navalis/life';
import type { Time } from '../../scheduling/time.ts';

/** How often the clocks are compared; also the longest delay after the end of a sleep. */
const checkIntervalMs = 2_000;

/** Calls `resumed` after each sleep of this host with its length. Returns a function that ends the watch. */
export function watchSleep(time: Time, resumed: (sleptMs: number) => void): () => void {
  const read = (): ClockReadings => ({ awake: time.now(), boot: time.boot(), wall: time.wall() });
  const detector = new SleepDetector(read());
  return time.every(checkIntervalMs, () => {
    const sleptMs = detector.observe(read());
    if (sleptMs !== undefined) resumed(sleptMs);
  });
}
