import { NavalisError, servicePortId } from '@navalis/engine';
import type { Poller } from '@navalis/netio';
import type { Devices } from './devices.ts';

/**
 * Gives the service socket another port when the engine asks for one (`new-port-wanted`). That happens between two turns of
 * the loop, since the engine may ask while it is handed what the socket received.
 */
export class ServicePort {
  readonly #devices: Pick<Devices, 'sockets'>;
  readonly #poller: Pick<Poller, 'rewatch'>;
  #isNewOneWanted = false;

  constructor(devices: Pick<Devices, 'sockets'>, poller: Pick<Poller, 'rewatch'>) {
    this.#devices = devices;
    this.#poller = poller;
  }

  /** Another port is taken at the next `renew`. */
  wantNewOne(): void {
    this.#isNewOneWanted = true;
  }

  /** Returns the new port, if one was wanted; to be called when nothing is queued. */
  renew(): number | undefined {
    const service = this.#devices.sockets[servicePortId];
    if (!this.#isNewOneWanted || service === undefined) return undefined;
    this.#isNewOneWanted = false;
    const { descriptor } = service;
    try {
      service.takeNewPort();
    } catch (error) {
      // The present port stays, and the engine asks again after the next round of failures.
      if (error instanceof NavalisError) return undefined;
      throw error;
    }
    this.#poller.rewatch(service, descriptor);
    return service.port;
  }
}
