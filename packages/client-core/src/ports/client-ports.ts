import {
  type Counters,
  type EngineOutputs,
  type OpenedPort,
  type PortId,
  type PortRequest,
  servicePortId,
} from '@navalis/engine';

/** The open ports of a client and their purposes. Opens and closes all but those that are open from the start. */
export class ClientPorts {
  /** The service port: carries all traffic that has no port of its own. */
  service: PortId = servicePortId;
  /** The port that receives the link's multicast group. */
  readonly discovery: PortId | undefined;
  /** The port used to determine the refresh interval, while that runs. */
  secondary: PortId | undefined;
  readonly #outputs: EngineOutputs;
  readonly #counters: Counters;

  constructor(outputs: EngineOutputs, counters: Counters, discovery: PortId | undefined) {
    this.#outputs = outputs;
    this.#counters = counters;
    this.discovery = discovery;
  }

  /** Replaces the service port; keeps the current one if no other is available. */
  renewService(): OpenedPort | undefined {
    const opened = this.#open({ like: this.service, carriesData: true });
    if (opened === undefined) return undefined;
    this.#outputs.closePort(this.service);
    this.service = opened.id;
    return opened;
  }

  openSecondary(): OpenedPort | undefined {
    const opened = this.#open({ like: this.service, carriesData: false });
    this.secondary = opened?.id;
    return opened;
  }

  closeSecondary(): void {
    if (this.secondary === undefined) return;
    this.#outputs.closePort(this.secondary);
    this.secondary = undefined;
  }

  #open(request: PortRequest): OpenedPort | undefined {
    const opened = this.#outputs.openPort(request);
    if (typeof opened !== 'string') return opened;
    this.#counters.portsRefused++;
    this.#outputs.report({ kind: 'port-refused', reason: opened });
    return undefined;
  }
}
