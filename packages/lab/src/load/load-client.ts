import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import { teredoPort } from '@navalis/address';
import {
  type ClientEngine,
  type ClientOptions,
  createClientEngine,
  createRelayedClientEngine,
  type RelayedOptions,
} from '@navalis/client-core';
import {
  type DatagramRun,
  type EngineEvent,
  type Milliseconds,
  NavalisError,
  type OfflineReason,
  type OpenedPort,
  type PacketRun,
  type PortId,
  type PortRefusal,
  type PortRequest,
  type RandomSource,
  servicePortId,
  type TurnFailure,
} from '@navalis/engine';
import type { DatagramSink, DropSink, Netio, UdpSocket } from '@navalis/netio';
import type { RelayOutputs } from '@navalis/turn';

/** Sees what the clients put out. */
export interface ClientObserver {
  /** Takes packets for the host of a client. */
  delivered(client: LoadClient, run: PacketRun): void;
  /** A client has an address; `isFirst` if it had none before. */
  qualified(client: LoadClient, isFirst: boolean): void;
  /** A client lost its address. */
  unqualified(): void;
  /** An attempt to get an address or an allocation failed. */
  failed(reason: OfflineReason | TurnFailure): void;
  /** A solicitation leaves for a server. */
  solicited(server: Ipv4Value): void;
}

/** The parts that all clients share. */
export interface LoadClientParts {
  readonly netio: Pick<Netio, 'openUdpSocket'>;
  readonly watch: (socket: UdpSocket, client: LoadClient) => void;
  readonly unwatch: (socket: UdpSocket) => void;
  readonly drops: DropSink;
  readonly random: RandomSource;
  readonly options: Omit<ClientOptions, 'servers' | 'local'>;
  readonly turn: RelayedOptions | undefined;
  readonly observer: ClientObserver;
}

/** The part that differs from client to client. */
export interface LoadClientPlace {
  readonly number: number;
  readonly servers: ClientOptions['servers'];
  /** The address that its socket is bound to; 0 is any. */
  readonly source: Ipv4Value;
  /** The address that its datagrams leave from. */
  readonly localAddress: Ipv4Value;
}

/** One client: the engine of the real program on sockets of its own, without a tunnel interface. */
export class LoadClient implements RelayOutputs, DatagramSink {
  readonly number: number;
  readonly engine: ClientEngine;
  /** The Teredo address, or the last one while there is none; undefined before the first. */
  address: Ipv6Value | undefined;
  isQualified = false;
  startedAt: Milliseconds = 0;
  readonly #parts: LoadClientParts;
  readonly #source: Ipv4Value;
  readonly #sockets: (UdpSocket | undefined)[] = [];

  /** @throws NavalisError as `Netio.openUdpSocket` does. */
  constructor(parts: LoadClientParts, { number, servers, source, localAddress }: LoadClientPlace) {
    this.#parts = parts;
    this.number = number;
    this.#source = source;
    const { port } = this.#open(servicePortId, 0);
    const { options, turn, random } = parts;
    const whole = { ...options, servers, local: { address: localAddress, port } };
    this.engine =
      turn === undefined
        ? createClientEngine(whole, this, random)
        : createRelayedClientEngine(whole, turn, this, random);
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    this.engine.handleDatagrams(run, now);
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from: PortId = servicePortId): void {
    // Of all that clients send to servers, only solicitations begin with an authentication header (RFC 4380 5.1.1).
    const isSolicitation = port === teredoPort && run.memory[run.offset] === 0 && run.memory[run.offset + 1] === 1;
    if (isSolicitation) this.#parts.observer.solicited(address);
    const socket = this.#sockets[from];
    if (socket === undefined) this.#parts.drops.drop('send-failed', run.count);
    else socket.queue(run, address, port);
  }

  sendChannelData(run: PacketRun, channel: number, { address, port }: Ipv4Endpoint, from: PortId): void {
    const socket = this.#sockets[from];
    if (socket === undefined) this.#parts.drops.drop('send-failed', run.count);
    else socket.queue(run, address, port, channel);
  }

  openPort({ port = 0 }: PortRequest): OpenedPort | PortRefusal {
    const free = this.#sockets.indexOf(undefined);
    const id = free < 0 ? this.#sockets.length : free;
    try {
      const socket = this.#open(id, port);
      return { id, address: socket.address, port: socket.port };
    } catch (error) {
      if (error instanceof NavalisError) return error.code === 'descriptor-limit' ? error.code : 'system-refused';
      throw error;
    }
  }

  closePort(id: PortId): void {
    const socket = this.#sockets[id];
    if (socket === undefined) return;
    this.#sockets[id] = undefined;
    this.#parts.unwatch(socket);
    socket.close();
  }

  deliverPackets(run: PacketRun): void {
    this.#parts.observer.delivered(this, run);
  }

  report(event: EngineEvent): void {
    const { observer } = this.#parts;
    switch (event.kind) {
      case 'address-assigned': {
        const isFirst = this.address === undefined;
        this.address = event.address;
        this.isQualified = true;
        observer.qualified(this, isFirst);
        break;
      }
      case 'address-lost':
        this.isQualified = false;
        observer.unqualified();
        break;
      case 'off-line':
      case 'turn-failed':
        observer.failed(event.reason);
        break;
      default:
        break;
    }
  }

  #open(portId: PortId, port: number): UdpSocket {
    const { netio, watch, drops } = this.#parts;
    const socket = netio.openUdpSocket({ portId, address: this.#source, port, hasLargeBuffers: false, drops });
    this.#sockets[portId] = socket;
    watch(socket, this);
    return socket;
  }
}
