import { tooManyDevices } from '../device-errors.ts';
import { type Poller, usualWatchedDevices } from '../poller.ts';

/** A device as a poller sees it. */
export interface WatchedDevice {
  readonly descriptor: number;
  /** Fake devices only; others are never ready. */
  readonly readable?: boolean;
}

/** A poller over fake devices that never blocks. */
export class FakePoller implements Poller {
  readonly wakeDescriptor: number = -1;
  woken = false;
  closed = false;
  readonly #devices: (WatchedDevice | undefined)[] = [];
  readonly #ready: boolean[] = [];
  #signalled = false;
  readonly #capacity: number;

  constructor(capacity: number = usualWatchedDevices) {
    this.#capacity = capacity;
  }

  /** Wakes the poller, as `wakePoller` wakes a real one. */
  wake(): void {
    this.#signalled = true;
  }

  watch(device: WatchedDevice): number {
    const free = this.#devices.indexOf(undefined);
    const index = free < 0 ? this.#devices.length : free;
    if (index >= this.#capacity) throw tooManyDevices(this.#capacity);
    this.#devices[index] = device;
    this.#ready[index] = false;
    return index;
  }

  unwatch(device: WatchedDevice): void {
    const index = this.#devices.indexOf(device);
    if (index < 0) return;
    this.#devices[index] = undefined;
    this.#ready[index] = false;
    while (this.#devices.length > 0 && this.#devices.at(-1) === undefined) this.#devices.pop();
    this.#ready.length = this.#devices.length;
  }

  wait(_timeoutMs: number, _looks?: number): number {
    this.woken = this.#signalled;
    this.#signalled = false;
    this.#devices.forEach((device, index) => {
      this.#ready[index] = device?.readable === true;
    });
    return this.#ready.filter(Boolean).length;
  }

  isReady(index: number): boolean {
    return this.#ready[index] === true;
  }

  close(): void {
    this.closed = true;
  }
}
