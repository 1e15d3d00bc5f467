import { writeSync } from 'node:fs';

/** Devices that one poller watches at once unless it is opened for more, besides its own eventfd. */
export const usualWatchedDevices = 128;

/** Waits for several devices at once and for other threads. Watches as many devices at once as it was opened for. */
export interface Poller {
  /** Give this number to another thread: `wakePoller(wakeDescriptor)` there ends the current or the next `wait`. */
  readonly wakeDescriptor: number;
  /** Adds a device, which is not ready until the next `wait`; returns its index for `isReady`, the lowest that is free. */
  watch(device: { readonly descriptor: number }): number;
  /** Looks at a device no more; before it is closed. Its index is free for another one. */
  unwatch(device: { readonly descriptor: number }): void;
  /**
   * Blocks the thread until a device is ready, `wakePoller` was called or the time is over; returns how many devices are
   * ready. Any number of milliseconds is allowed: `Infinity` waits without end, fractions are rounded up, 0 and less do
   * not block. It may end early with 0, by a signal or because the time exceeds 24 days: look at the clock.
   *
   * Before it blocks it polls `looks` times, and yields to other threads in between: worth it where something will be
   * ready sooner than a thread falls asleep and wakes up.
   */
  wait(timeoutMs: number, looks?: number): number;
  /** Returns true if the last `wait` found something to receive (or an error to fetch) on that device. */
  isReady(index: number): boolean;
  /** Whether `wakePoller` ended the last `wait`. */
  readonly woken: boolean;
  close(): void;
}

const one = new Uint8Array(new BigUint64Array([1n]).buffer);

/** Ends the `wait` of the poller with that wake descriptor; from any thread of the process, while the poller is open. */
export function wakePoller(wakeDescriptor: number): void {
  try {
    writeSync(wakeDescriptor, one);
  } catch (error) {
    // The counter of the eventfd is full, so it is awake already.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}
