import type { Ipv4Value } from '@navalis/address';
import type { EngineEvent, EngineOutputs, PacketRun, SocketRole } from '@navalis/engine';
import type { UdpSocket } from '@navalis/netio';
import type { Devices } from './devices.ts';

/** Gives an engine's output to the devices, and its reports to the control plane. */
export class DeviceOutputs implements EngineOutputs {
  readonly #devices: Devices;
  readonly #report: (event: EngineEvent) => void;

  constructor(devices: Devices, report: (event: EngineEvent) => void) {
    this.#devices = devices;
    this.#report = report;
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, socket: SocketRole = 'service'): void {
    this.#socketOf(socket)?.queue(run, address, port);
  }

  deliverPackets(run: PacketRun): void {
    this.#devices.host.queue(run);
  }

  report(event: EngineEvent): void {
    this.#report(event);
  }

  #socketOf(role: SocketRole): UdpSocket | undefined {
    const { service, secondary, secondaryPort } = this.#devices;
    if (role === 'service') return service;
    // A server with one address answers from it.
    return role === 'secondary-port' ? secondaryPort : (secondary ?? service);
  }
}
