import { readUint16 } from '@navalis/address';
import {
  type Counters,
  type EngineOutputs,
  type OpenedPort,
  type PortId,
  type PortRefusal,
  type PortRequest,
  type RandomSource,
  servicePortId,
} from '@navalis/engine';
import { randomPortTries } from '../choices.ts';
import { dynamicPorts, firstDynamicPort } from '../constants.ts';

/** The number of a random port that is tried: all engines of a thread share it. */
const drawn = new Uint8Array(2);

/** The open ports of a client and their purposes. Opens and closes all but those that are open from the start. */
export class ClientPorts {
  /** The service port: carries all traffic that has no port of its own. */
  service: PortId = servicePortId;
  /** The port that receives the link's multicast group. */
  readonly discovery: PortId | undefined;
  /** The port used to determine the refresh interval, while that runs. */
  secondary: PortId | undefined;
  /** The port without a relay behind it, while the service port is relayed and peers may be reached without (TU-23). */
  plain: PortId | undefined;
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

  /** Call it only while that port is open. */
  closeSecondary(): void {
    this.#outputs.closePort(this.secondary!);
    this.secondary = undefined;
  }

  /** Opens the plain port unless it is open; without it all peers stay with the relay. */
  openPlain(): void {
    this.plain ??= this.#open({ like: this.service, carriesData: true })?.id;
  }

  closePlain(): void {
    if (this.plain === undefined) return;
    this.#outputs.closePort(this.plain);
    this.plain = undefined;
  }

  /**
   * Opens a port for one peer, with a number that the random source draws from the dynamic range and that no program of this host uses
   * (PP-27).
   */
  openRandom(random: RandomSource): OpenedPort | undefined {
    let opened: OpenedPort | PortRefusal = 'port-taken';
    for (let tries = 0; opened === 'port-taken' && tries < randomPortTries; tries++) {
      random.fill(drawn);
      const port = firstDynamicPort + (readUint16(drawn, 0) % dynamicPorts);
      opened = this.#outputs.openPort({ like: this.service, carriesData: true, port });
    }
    return this.#admit(opened);
  }

  close(id: PortId): void {
    this.#outputs.closePort(id);
  }

  #open(request: PortRequest): OpenedPort | undefined {
    return this.#admit(this.#outputs.openPort(request));
  }

  #admit(opened: OpenedPort | PortRefusal): OpenedPort | undefined {
    if (typeof opened !== 'string') return opened;
    this.#counters.portsRefused++;
    this.#outputs.report({ kind: 'port-refused', reason: opened });
    return undefined;
  }
}
