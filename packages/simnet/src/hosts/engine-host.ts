import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import {
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type Engine,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  type PortId,
  pointRunAt,
  type RandomSource,
  servicePortId,
} from '@navalis/engine';
import { Timer, type VirtualClock } from '../virtual-clock.ts';
import { copyOf } from './copies.ts';
import { DatagramJoiner, isPlain } from './datagram-joiner.ts';
import type { NumberedHandler, UdpHost, UdpSocket } from './udp-host.ts';

/** Where an engine's port is bound; the host's first address and a random port by default. */
interface PortPlace {
  readonly address?: Ipv4Value;
  readonly port?: number;
}

/** An event of an engine: any object with a kind. */
export interface HostedEvent {
  readonly kind: string;
}

/** The outputs of the engine contract, for engines with events of their own. */
export type HostedOutputs<Event extends HostedEvent> = Omit<EngineOutputs, 'report'> & {
  report(event: Event): void;
};

export interface EngineHostParts<Kind extends Engine, Event extends HostedEvent> {
  readonly udp: UdpHost;
  readonly clock: VirtualClock;
  /** Where the engine's ports are, by their numbers; only the service port by default. */
  readonly ports?: readonly PortPlace[];
  readonly create: (outputs: HostedOutputs<Event>, random: RandomSource, service: UdpSocket) => Kind;
  /** None: what the engine delivers is lost, and its events are kept in `events`. */
  readonly owner?: EngineOwner<Event>;
}

/** The host of an engine. */
export interface EngineOwner<Event extends HostedEvent> {
  /** Takes a copy of a packet that the engine delivers, one turn of the clock later. */
  deliver?(packet: Uint8Array): void;
  /** Takes an event, one turn of the clock later. */
  follow?(event: Event): void;
  /** True if `follow` is to be called. */
  readonly followsEvents?: boolean;
  /** True if events are not kept: in a crowd they would fill the memory. */
  readonly forgetsEvents?: boolean;
}

/** An event of an engine and when it was reported. */
export type TimedEvent<Event extends HostedEvent> = Event & { readonly at: Milliseconds };

type OpenPort = EngineOutputs['openPort'];

/**
 * The runs, and their memory, in which all hosts hand over: an engine may use a run only during the call. As in the programs all
 * datagrams lie in one memory, which engines are fast with.
 */
const oneReceived: DatagramRun = createDatagramRun(new Uint8Array(0x10000));
const taken: PacketRun = createPacketRun(new Uint8Array(0x20000));
/** How much later a deadline must be for its timer to be moved there. */
const muchLaterMs = 500;
/** The events of a host that keeps none. */
const noEvents: never[] = [];

/** Runs an engine on a host, as the data plane would: sockets, deadlines, packets from and to the host. */
export class EngineHost<Kind extends Engine, Event extends HostedEvent>
  implements HostedOutputs<Event>, NumberedHandler
{
  readonly udp: UdpHost;
  readonly engine: Kind;
  /** All that the engine reported. */
  readonly events: TimedEvent<Event>[];
  readonly #clock: VirtualClock;
  /** The socket of the port with number 0; most hosts have no other. */
  #firstSocket: UdpSocket | undefined;
  /** The sockets of the ports from number 1 on. */
  #otherSockets: (UdpSocket | undefined)[] | undefined;
  readonly #owner: EngineOwner<Event> | undefined;
  #servicePortId: PortId = servicePortId;
  /** Joins data; created with the first. */
  #received: DatagramJoiner | undefined;
  #timer: WakeTimer | undefined;

  constructor({ udp, clock, ports = [{}], create, owner }: EngineHostParts<Kind, Event>) {
    this.udp = udp;
    this.#clock = clock;
    this.#owner = owner;
    this.events = owner?.forgetsEvents === true ? noEvents : [];
    for (const [id, place] of ports.entries()) this.#openSocket(id, place);
    this.engine = create(this, udp.random.last('engine'), this.service);
  }

  /** The socket of the port that carries the data. */
  get service(): UdpSocket {
    return this.#socketOf(this.#servicePortId)!;
  }

  /** The number of ports that are open. */
  get openPorts(): number {
    const all = [this.#firstSocket, ...(this.#otherSockets ?? [])];
    return all.filter((socket) => socket !== undefined).length;
  }

  /** Calls the engine, then looks when it wants to be called again. */
  act<Result>(action: (engine: Kind, now: Milliseconds) => Result): Result {
    const result = action(this.engine, this.#clock.now);
    this.#schedule();
    return result;
  }

  /** Gives packets of the host to the engine, as one run if they have equal lengths but for a shorter last one. */
  take(packets: readonly Uint8Array[]): void {
    if (packets.length === 0) return;
    const run = taken;
    const { length } = packets[0]!;
    const last = packets[packets.length - 1]!;
    if (last.length > length || packets.slice(0, -1).some((packet) => packet.length !== length)) {
      for (const packet of packets) this.take([packet]);
      return;
    }
    if (run.memory.length < length * packets.length) run.memory = new Uint8Array(length * packets.length);
    packets.forEach((packet, index) => void run.memory.set(packet, index * length));
    pointRunAt(run, 0, length);
    run.count = packets.length;
    run.lastPacketLength = last.length;
    run.headerStride = packets.length === 1 ? 0 : length;
    this.act((engine, now) => engine.handlePackets(run, now));
  }

  /** Stops time for the engine, as a suspended or dead host does. */
  pause(): void {
    this.udp.isUp = false;
    this.#timer?.cancel();
  }

  /** Lets time go on; what became due in between is due now. */
  unpause(): void {
    this.udp.isUp = true;
    this.#schedule();
  }

  /** For the clock: the time may have come that the engine asked for. */
  wake(): void {
    const { now } = this.#clock;
    if (this.engine.nextDeadline() <= now) this.engine.handleDeadline(now);
    this.#schedule();
  }

  /** For the engine, as all outputs. */
  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from: PortId = servicePortId): void {
    const socket = this.#socketOf(from);
    for (let index = 0; index < run.count; index++) socket?.send(packetOf(run, index), { address, port });
  }

  openPort({ like, carriesData, port }: Parameters<OpenPort>[0]): ReturnType<OpenPort> {
    const place = this.#socketOf(like)?.local;
    if (place === undefined) return 'address-gone';
    let id = 0;
    while (this.#socketOf(id) !== undefined) id++;
    if (port !== undefined && this.udp.isTaken(port, place.address)) return 'port-taken';
    this.#openSocket(id, { address: place.address, ...(port === undefined ? {} : { port }) });
    // A port with a number of its own is one more; another service port has any.
    if (carriesData && port === undefined) this.#servicePortId = id;
    return { id, ...this.#socketOf(id)!.local };
  }

  closePort(id: PortId): void {
    this.#socketOf(id)?.close();
    this.#setSocket(id, undefined);
    this.#received?.forget(id);
  }

  deliverPackets(run: PacketRun): void {
    const packets = Array.from({ length: run.count }, (_, index) => packetOf(run, index));
    this.#clock.after(0, () => {
      for (const packet of packets) this.#owner?.deliver?.(packet);
    });
  }

  report(event: Event): void {
    const owner = this.#owner;
    if (owner?.forgetsEvents !== true) this.events.push({ ...event, at: this.#clock.now });
    if (owner?.followsEvents === true) this.#clock.after(0, () => owner.follow?.(event));
  }

  #schedule(): void {
    if (!this.udp.isUp) return;
    const next = this.engine.nextDeadline();
    const timer = this.#timer;
    // A timer that comes too early only looks again; so most changes of a deadline cost nothing.
    if (timer?.isPending === true && timer.time <= next) {
      if (next - timer.time >= muchLaterMs && next !== Number.POSITIVE_INFINITY) this.#clock.postpone(timer, next);
      return;
    }
    timer?.cancel();
    if (next === Number.POSITIVE_INFINITY) return;
    if (timer === undefined || timer.isQueued) this.#timer = this.#clock.set(new WakeTimer(this), next);
    else this.#clock.set(timer, next);
  }

  /** For the sockets. */
  takeDatagram(payload: Uint8Array, from: Ipv4Endpoint, id: PortId): void {
    // Nothing joins what is not data, unless data waits before it.
    if (this.#received === undefined && !isPlain(payload)) {
      const run = oneReceived;
      run.memory.set(payload);
      pointRunAt(run, 0, payload.length);
      run.sourceAddress = from.address;
      run.sourcePort = from.port;
      run.portId = id;
      this.#handle(run);
      return;
    }
    this.#received ??= new DatagramJoiner((run) => this.#handle(run));
    if (this.#received.add(payload, from, id)) this.#clock.after(0, () => this.#received!.flush());
  }

  #handle(run: DatagramRun): void {
    this.engine.handleDatagrams(run, this.#clock.now);
    this.#schedule();
  }

  #openSocket(id: PortId, { port, address }: PortPlace): void {
    this.#setSocket(id, this.udp.socket(this, port, address, id));
  }

  #socketOf(id: PortId): UdpSocket | undefined {
    return id === 0 ? this.#firstSocket : this.#otherSockets?.[id - 1];
  }

  #setSocket(id: PortId, socket: UdpSocket | undefined): void {
    if (id === 0) {
      this.#firstSocket = socket;
      return;
    }
    this.#otherSockets ??= [];
    this.#otherSockets[id - 1] = socket;
  }
}

/** Wakes an engine. */
class WakeTimer extends Timer {
  readonly #host: { wake(): void };

  constructor(host: { wake(): void }) {
    super();
    this.#host = host;
  }

  fire(): void {
    this.#host.wake();
  }
}

/** Returns a copy of a run's packet. */
function packetOf(run: PacketRun, index: number): Uint8Array {
  const offset = run.offset + index * run.headerStride;
  return copyOf(run.memory, offset, index === run.count - 1 ? run.lastPacketLength : run.packetLength);
}
