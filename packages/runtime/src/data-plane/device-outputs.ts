import type { Ipv4Value } from '@navalis/address';
import { type EngineEvent, type EngineOutputs, type PacketRun, type PortId, servicePortId } from '@navalis/engine';
import type { Poller } from '@navalis/netio';
import type { Devices } from './devices.ts';

/** Gives an engine's output to the devices, and its reports to the control plane. */
export class DeviceOutputs implements EngineOutputs {
  readonly #devices: Devices;
  readonly #poller: Pick<Poller, 'unwatch'>;
  readonly #report: (event: EngineEvent) => void;

  constructor(devices: Devices, poller: Pick<Poller, 'unwatch'>, report: (event: EngineEvent) => void) {
    this.#devices = devices;
    this.#poller = poller;
    this.#report = report;
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from: PortId = servicePortId): void {
    this.#devices.sockets[from]?.queue(run, address, port);
  }

  closePort(id: PortId): void {
    const socket = this.#devices.sockets[id];
    if (socket === undefined) return;
    this.#devices.sockets[id] = undefined;
    this.#poller.unwatch(socket);
    socket.close();
  }

  deliverPackets(run: PacketRun): void {
    this.#devices.host.queue(run);
  }

  report(event: EngineEvent): void {
    this.#report(event);
  }
}
