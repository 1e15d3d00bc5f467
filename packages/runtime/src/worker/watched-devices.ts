import type { Poller } from '@navalis/netio';
import type { Receiver } from './loop.ts';

/** The open devices that something is received from, each at the place that the poller has for it. */
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

  /** Before the device is closed. */
  remove(receiver: Receiver): void {
    this.#poller.unwatch(receiver);
    this.receivers[this.receivers.indexOf(receiver)] = undefined;
  }
}
