import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { OpenedPort, PacketRun, PortId, PortRefusal, PortRequest } from '@navalis/engine';
import type { DropSink, Netio, UdpSocket } from '@navalis/netio';
import { NavalisError } from '../navalis-error.ts';
import type { WatchedDevices } from './loop/watched-devices.ts';
import type { SocketSettings } from './messages.ts';

/** The most ports open at once: fewer than a poller watches. */
const maximumPorts = 96;

/** The collaborators of the ports. */
export interface PortsParts {
  readonly netio: Pick<Netio, 'openUdpSocket'>;
  readonly watched: Pick<WatchedDevices, 'add' | 'remove'>;
  readonly drops: DropSink;
}

/** The UDP ports of an engine, under the numbers that it knows them by. */
export class Ports {
  readonly #parts: PortsParts;
  readonly #sockets: (UdpSocket | undefined)[] = [];
  /** The options of the same ports. */
  readonly #settings: SocketSettings[] = [];

  constructor(parts: PortsParts) {
    this.#parts = parts;
  }

  /** Returns the local endpoint of each port, in the order of their numbers. Call it while none is closed. */
  get bound(): readonly Ipv4Endpoint[] {
    return this.#sockets.flatMap((socket) => (socket === undefined ? [] : [boundAt(socket)]));
  }

  /** Opens the port with the lowest free number. @throws NavalisError as `Netio.openUdpSocket` does. */
  openFirst(settings: SocketSettings): void {
    this.#openAs(this.#freeId(), settings, true);
  }

  open({ like, carriesData, port = 0 }: PortRequest): OpenedPort | PortRefusal {
    if (this.#sockets[like] === undefined) return 'address-gone';
    const id = this.#freeId();
    if (id >= maximumPorts) return 'table-full';
    const { endpoint, multicastInterface } = this.#settings[like]!;
    try {
      const settings = { endpoint: { address: endpoint.address, port }, multicastInterface };
      return { id, ...boundAt(this.#openAs(id, settings, carriesData)) };
    } catch (error) {
      if (error instanceof NavalisError) return refusalOf(error);
      throw error;
    }
  }

  /** Closes a port, after sending its queued datagrams. */
  close(id: PortId): void {
    const socket = this.#sockets[id];
    if (socket === undefined) return;
    this.#sockets[id] = undefined;
    this.#parts.watched.remove(socket);
    socket.close();
  }

  /** Adds the run to the next batch; counts a drop for a port that is not open. */
  queue(run: PacketRun, address: Ipv4Value, port: number, from: PortId): void {
    const socket = this.#sockets[from];
    if (socket === undefined) this.#parts.drops.drop('send-failed', run.count);
    else socket.queue(run, address, port);
  }

  /** As `queue`, through a channel of a TURN server. */
  queueChannelData(run: PacketRun, channel: number, { address, port }: Ipv4Endpoint, from: PortId): void {
    const socket = this.#sockets[from];
    if (socket === undefined) this.#parts.drops.drop('send-failed', run.count);
    else socket.queue(run, address, port, channel);
  }

  #openAs(portId: PortId, settings: SocketSettings, hasLargeBuffers: boolean): UdpSocket {
    const { netio, watched, drops } = this.#parts;
    const { endpoint, multicastInterface } = settings;
    const socket = netio.openUdpSocket({ portId, ...endpoint, multicastInterface, hasLargeBuffers, drops });
    watched.add(socket);
    this.#sockets[portId] = socket;
    this.#settings[portId] = settings;
    return socket;
  }

  #freeId(): PortId {
    const free = this.#sockets.indexOf(undefined);
    return free < 0 ? this.#sockets.length : free;
  }
}

function boundAt({ address, port }: UdpSocket): Ipv4Endpoint {
  return { address, port };
}

function refusalOf({ code }: NavalisError): PortRefusal {
  switch (code) {
    case 'descriptor-limit':
      return code;
    case 'address-in-use':
      return 'port-taken';
    case 'address-not-available':
    case 'no-interface':
      return 'address-gone';
    default:
      return 'system-refused';
  }
}
