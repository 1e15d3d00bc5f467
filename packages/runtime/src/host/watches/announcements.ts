import type { IpMonitor } from '../commands/ip-monitor.ts';

/** Notifies all watches when the kernel announces a change of addresses or routes. */
export class Announcements {
  readonly #listeners = new Set<() => void>();
  #monitor: IpMonitor | undefined;

  /** False while the kernel announces nothing, so that watches must poll. */
  get isListening(): boolean {
    return this.#monitor?.isListening === true;
  }

  /** Sets the monitor whose state `isListening` reports; returns it. */
  follow(monitor: IpMonitor): IpMonitor {
    this.#monitor = monitor;
    return monitor;
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Adds a watch; returns a function that removes it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
