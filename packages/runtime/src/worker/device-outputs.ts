import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import {
  type EngineEvent,
  type OpenedPort,
  type PacketRun,
  type PortId,
  type PortRefusal,
  type PortRequest,
  servicePortId,
} from '@navalis/engine';
import type { RelayOutputs, RelayWatcher } from '@navalis/turn';
import type { Host } from './devices.ts';
import type { Ports } from './ports.ts';

/** Sees the output of an engine. */
export interface OutputWatcher extends RelayWatcher {
  /** Returns true if the packet must not go to the host. */
  delivers(run: PacketRun): boolean;
}

/** Gives an engine's output to the devices, and its reports to the control plane. */
export class DeviceOutputs implements RelayOutputs {
  /** Sees all output while peers are watched. */
  watcher: OutputWatcher | undefined;
  readonly #ports: Ports;
  readonly #host: Host;
  readonly #report: (event: EngineEvent) => void;

  constructor(ports: Ports, host: Host, report: (event: EngineEvent) => void) {
    this.#ports = ports;
    this.#host = host;
    this.#report = report;
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from: PortId = servicePortId): void {
    if (this.watcher !== undefined) this.watcher.sent(run, address, port);
    this.#ports.queue(run, address, port, from);
  }

  sendChannelData(run: PacketRun, channel: number, server: Ipv4Endpoint, from: PortId): void {
    this.#ports.queueChannelData(run, channel, server, from);
  }

  openPort(request: PortRequest): OpenedPort | PortRefusal {
    return this.#ports.open(request);
  }

  closePort(id: PortId): void {
    this.#ports.close(id);
  }

  deliverPackets(run: PacketRun): void {
    if (this.watcher === undefined || !this.watcher.delivers(run)) this.#host.queue(run);
  }

  report(event: EngineEvent): void {
    this.#report(event);
  }
}
