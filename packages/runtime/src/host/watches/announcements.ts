import type { IpMonitor } from '../commands/ip-monitor.ts';

/** Passes on that the kernel announced a change of addresses or routes, to all watches. */
export class Announcements {
  readonly #listeners = new Set<() => void>();
  #monitor: IpMonitor | undefined;

  /** False while nothing is announced: then watches must poll. */
  get isListening(): boolean {
    return this.#monitor?.isListening === true;
  }

  /** Takes its word for `isListening` from this monitor; returns it. */
  follow(monitor: IpMonitor): IpMonitor {
    this.#monitor = monitor;
    return monitor;
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Returns how to end it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
