import type { Poller } from '@navalis/netio';
import type { Receiver } from './loop.ts';

/** The open devices that receive, indexed by their place in the poller. */
export class WatchedDevices {
  /** Changes while the loop runs; undefined where a device was closed. */
  readonly receivers: (Receiver | undefined)[] = [];
  readonly #poller: Pick<Poller, 'watch' | 'unwatch'>;

  constructor(poller: Pick<Poller, 'watch' | 'unwatch'>) {
    this.#poller = poller;
  }

  add(receiver: Receiver): void {
    this.receivers[this.#poller.watch(receiver)] = receiver;
  }

  /** Removes a device; call it before the device is closed. */
  remove(receiver: Receiver): void {
    this.#poller.unwatch(receiver);
    this.receivers[this.receivers.indexOf(receiver)] = undefined;
  }
}
