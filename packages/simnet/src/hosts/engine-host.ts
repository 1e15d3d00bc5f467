import type { Ipv4Value } from '@navalis/address';
import {
  createPacketRun,
  type Engine,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  type PortId,
  pointRunAt,
  type RandomSource,
  servicePortId,
} from '@navalis/engine';
import type { Timer, VirtualClock } from '../virtual-clock.ts';
import { DatagramJoiner } from './datagram-joiner.ts';
import type { DatagramHandler, UdpHost, UdpSocket } from './udp-host.ts';

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
  /** Takes what the engine gives to its host; each packet a copy, one turn of the clock later. */
  readonly deliver?: (packet: Uint8Array) => void;
  /** Takes the engine's events, one turn of the clock later. */
  readonly follow?: (event: Event) => void;
}

/** An event of an engine and when it was reported. */
export type TimedEvent<Event extends HostedEvent> = Event & { readonly at: Milliseconds };

/** Runs an engine on a host, as the data plane would: sockets, deadlines, packets from and to the host. */
export class EngineHost<Kind extends Engine, Event extends HostedEvent> {
  readonly udp: UdpHost;
  readonly engine: Kind;
  /** All that the engine reported. */
  readonly events: TimedEvent<Event>[] = [];
  readonly #clock: VirtualClock;
  readonly #sockets: Map<PortId, UdpSocket> = new Map();
  readonly #deliver: (packet: Uint8Array) => void;
  readonly #follow: ((event: Event) => void) | undefined;
  #servicePortId: PortId = servicePortId;
  readonly #received: DatagramJoiner;
  readonly #taken: PacketRun = createPacketRun(new Uint8Array(0));
  #timer: Timer | undefined;

  constructor({ udp, clock, ports = [{}], create, deliver, follow }: EngineHostParts<Kind, Event>) {
    this.udp = udp;
    this.#clock = clock;
    this.#deliver = deliver ?? (() => {});
    this.#follow = follow;
    this.#received = new DatagramJoiner((run) => this.act((engine, now) => engine.handleDatagrams(run, now)));
    for (const [id, place] of ports.entries()) this.#openSocket(id, place);
    this.engine = create(this.#outputs(), udp.random.derive('engine'), this.service);
  }

  /** The socket of the port that carries the data. */
  get service(): UdpSocket {
    return this.#sockets.get(this.#servicePortId)!;
  }

  /** The number of ports that are open. */
  get openPorts(): number {
    return this.#sockets.size;
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
    const run = this.#taken;
    const { length } = packets[0]!;
    const last = packets[packets.length - 1]!;
    if (last.length > length || packets.slice(0, -1).some((packet) => packet.length !== length)) {
      for (const packet of packets) this.take([packet]);
      return;
    }
    run.memory = new Uint8Array(length * packets.length);
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

  #schedule(): void {
    if (!this.udp.isUp) return;
    const next = this.engine.nextDeadline();
    // A timer that comes too early only looks again; so most changes of a deadline cost nothing.
    if (this.#timer?.isPending && this.#timer.time <= next) return;
    this.#timer?.cancel();
    if (next !== Number.POSITIVE_INFINITY) this.#timer = this.#clock.at(next, () => this.#wake());
  }

  #wake(): void {
    const { now } = this.#clock;
    if (this.engine.nextDeadline() <= now) this.engine.handleDeadline(now);
    this.#schedule();
  }

  #outputs(): HostedOutputs<Event> {
    return {
      sendDatagrams: (run, address, port, from = servicePortId) => {
        const socket = this.#sockets.get(from);
        for (const payload of packetsOf(run)) socket?.send(payload, { address, port });
      },
      openPort: ({ like, carriesData, port }) => {
        const place = this.#sockets.get(like)?.local;
        if (place === undefined) return 'address-gone';
        let id = 0;
        while (this.#sockets.has(id)) id++;
        if (port !== undefined && this.udp.isTaken(port, place.address)) return 'port-taken';
        this.#openSocket(id, { address: place.address, ...(port === undefined ? {} : { port }) });
        // A port with a number of its own is one more; another service port has any.
        if (carriesData && port === undefined) this.#servicePortId = id;
        return { id, ...this.#sockets.get(id)!.local };
      },
      closePort: (id) => {
        this.#sockets.get(id)?.close();
        this.#sockets.delete(id);
        this.#received.forget(id);
      },
      deliverPackets: (run) => {
        const packets = packetsOf(run);
        this.#clock.after(0, () => {
          for (const packet of packets) this.#deliver(packet);
        });
      },
      report: (event) => {
        this.events.push({ ...event, at: this.#clock.now });
        if (this.#follow !== undefined) this.#clock.after(0, () => this.#follow?.(event));
      },
    };
  }

  #openSocket(id: PortId, { port, address }: PortPlace): void {
    const handler: DatagramHandler = (payload, from) => {
      if (this.#received.add(payload, from, id)) this.#clock.after(0, () => this.#received.flush());
    };
    this.#sockets.set(id, this.udp.socket(handler, port, address));
  }
}

/** Copies of a run's packets. */
function packetsOf(run: PacketRun): Uint8Array[] {
  return Array.from({ length: run.count }, (_, index) => {
    const offset = run.offset + index * run.headerStride;
    return run.memory.slice(offset, offset + (index === run.count - 1 ? run.lastPacketLength : run.packetLength));
  });
}
