import { type Ipv4Endpoint, Ipv4Policy, type Ipv4Value, parseIpv4, readUint16 } from '@navalis/address';
import {
  Counters,
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type EngineEvent,
  pointRunAt,
} from '@navalis/engine';
import { RecordingOutputs, type SentDatagram, seededRandom } from '@navalis/engine/testing';
import { RelayedPort, type RelayOutputs, stunMethods, type TurnServer } from '../src/index.ts';
import { type FakeTurnBehaviour, FakeTurnServer } from '../src/testing.ts';

export function ipv4(text: string): Ipv4Value {
  return parseIpv4(text)!;
}

const policy: Ipv4Policy = new Ipv4Policy({
  strictness: 'strict',
  extraGlobal: ['203.0.113.0', '198.51.100.0', '192.0.2.0'].map((text) => ({ address: ipv4(text), length: 24 })),
});

export const turnServer: TurnServer = { endpoint: { address: ipv4('198.51.100.40'), port: 3478 }, transport: 'udp' };
const teredoServers: readonly Ipv4Value[] = [ipv4('198.51.100.10'), ipv4('198.51.100.11')];
export const peer: Ipv4Endpoint = { address: ipv4('203.0.113.77'), port: 40_000 };

/** A datagram that reached a peer. */
interface Relayed {
  readonly payload: Uint8Array;
  readonly from: Ipv4Endpoint;
  readonly to: Ipv4Endpoint;
}

export interface WorldOptions {
  readonly servers?: readonly TurnServer[];
  readonly behaviour?: Partial<FakeTurnBehaviour>;
  readonly outputs?: RecordingOutputs & RelayOutputs;
}

/** A relayed port, a fake TURN server, and a virtual clock. Datagrams take no time, unless they are lost. */
export class World {
  now = 10_000;
  readonly outputs: RecordingOutputs & RelayOutputs;
  readonly counters: Counters = new Counters();
  readonly port: RelayedPort;
  readonly server: FakeTurnServer;
  /** Datagrams that reached peers. */
  readonly relayed: Relayed[] = [];
  /** Datagrams that reached the role, with their source. */
  readonly received: { readonly payload: Uint8Array; readonly from: Ipv4Endpoint; readonly portId: number }[] = [];
  /** The relayed endpoints, as the role heard of them. */
  readonly endpoints: Ipv4Endpoint[] = [];
  /** Datagrams of the client that get lost. */
  loses: (datagram: SentDatagram) => boolean = () => false;
  /** Datagrams of the client to TURN servers, with their time. */
  readonly sent: {
    readonly at: number;
    readonly payload: Uint8Array;
    readonly address: Ipv4Value;
    readonly portId: number;
  }[] = [];
  /** Datagrams that left by the plain socket. */
  readonly plain: SentDatagram[] = [];
  /** Runs that reached the role. */
  runs = 0;
  /** False: they are counted, and nothing else. */
  recordsDatagrams = true;
  /** Servers that answer. */
  servers: readonly TurnServer[];
  readonly #toClient: { readonly payload: Uint8Array; readonly client: Ipv4Endpoint }[] = [];

  constructor(
    { servers = [turnServer], behaviour = {}, outputs = new RecordingOutputs() }: WorldOptions = {},
    seed = 3,
  ) {
    this.servers = servers;
    this.outputs = outputs;
    this.server = new FakeTurnServer(
      {
        toClient: (payload, client) => void this.#toClient.push({ payload, client }),
        toPeer: (payload, from, to) => void this.relayed.push({ payload, from, to }),
      },
      behaviour,
    );
    this.port = new RelayedPort({
      servers,
      credentials: { username: 'alice', password: 'secret' },
      permitted: teredoServers,
      policy,
      random: seededRandom(seed),
      counters: this.counters,
      outputs: this.outputs,
      role: {
        receive: (run) => this.#record(run),
        allocated: (relayed) => void this.endpoints.push(relayed),
      },
    });
  }

  static ready(options: WorldOptions = {}): World {
    const world = new World(options);
    world.start();
    return world;
  }

  get events(): readonly EngineEvent[] {
    return this.outputs.events;
  }

  eventsOf(kind: EngineEvent['kind']): EngineEvent[] {
    return this.outputs.events.filter((event) => event.kind === kind);
  }

  get drops(): Partial<Record<string, number>> {
    return this.counters.snapshot().drops;
  }

  /** Requests of a method that the server saw. */
  requests(method: keyof typeof stunMethods): number {
    return this.server.requests.filter((each) => each === stunMethods[method]).length;
  }

  start(): void {
    this.port.start(this.now);
    this.settle();
  }

  /** Sends a payload of so many octets from the role to an endpoint. */
  send(to: Ipv4Endpoint, octets = 60, count = 1): void {
    const memory = new Uint8Array(octets * count).fill(0x60);
    const run = createPacketRun(memory);
    pointRunAt(run, 0, octets);
    run.count = count;
    run.headerStride = count === 1 ? 0 : octets;
    this.port.setTime(this.now);
    this.port.sendDatagrams(run, to.address, to.port);
    this.settle();
  }

  /** A peer sends to the relayed endpoint that the role has now. */
  peerSends(from: Ipv4Endpoint, payload: Uint8Array = Uint8Array.of(0x60, 7)): void {
    this.server.receiveFromPeer(payload, this.endpoints.at(-1)!, from, this.now);
    this.settle();
  }

  /** Datagrams of the server arrive as one run, side by side: of equal length, except for a shorter last one. */
  arriveAsRun(payloads: readonly Uint8Array[]): void {
    const run = createDatagramRun(
      Uint8Array.from(payloads.flatMap((payload) => [...payload])),
      this.sent.at(-1)!.portId,
    );
    const { length } = payloads[0]!;
    pointRunAt(run, 0, length);
    run.lastPacketLength = payloads.at(-1)!.length;
    run.count = payloads.length;
    run.headerStride = length;
    const { address, port } = this.port.client.remote;
    run.sourceAddress = address;
    run.sourcePort = port;
    this.port.handleDatagrams(run, this.now);
  }

  /** Something arrives at a port of the client. */
  arrives(payload: Uint8Array, from: Ipv4Endpoint, portId: number): void {
    const run = createDatagramRun(payload.slice(), portId);
    pointRunAt(run, 0, payload.length);
    run.sourceAddress = from.address;
    run.sourcePort = from.port;
    this.port.handleDatagrams(run, this.now);
    this.settle();
  }

  /** Lets time pass, deadline by deadline. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.port.nextDeadline();
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.port.handleDeadline(this.now);
      this.settle();
    }
    this.now = end;
  }

  /** Lets datagrams arrive until none is under way. @throws Error when client and server would go on for ever. */
  settle(): void {
    for (let round = 0; round < 1_000; round++) {
      const sent = this.outputs.takeDatagrams();
      for (const datagram of sent) this.#deliver(datagram);
      const back = this.#toClient.splice(0);
      for (const { payload, client } of back) this.#give(payload, client);
      if (sent.length === 0 && back.length === 0) return;
    }
    throw new Error('Client and server answer each other for ever.');
  }

  #record(run: DatagramRun): void {
    this.runs++;
    if (!this.recordsDatagrams) return;
    const { memory, offset, count, headerStride, sourceAddress, sourcePort, portId } = run;
    for (let index = 0; index < count; index++) {
      const at = offset + index * headerStride;
      const length = index === count - 1 ? run.lastPacketLength : run.packetLength;
      const from = { address: sourceAddress, port: sourcePort };
      this.received.push({ payload: memory.slice(at, at + length), from, portId });
    }
  }

  #deliver(datagram: SentDatagram): void {
    const { payload, address, port, portId } = datagram;
    if (portId === 0) {
      this.plain.push(datagram);
      return;
    }
    this.sent.push({ at: this.now, payload, address, portId });
    const isKnown = this.servers.some(({ endpoint, adapter = endpoint }) => {
      return adapter.address === address && adapter.port === port;
    });
    if (!isKnown || this.loses(datagram)) return;
    this.server.receive(payload, { address: ipv4('192.0.2.50'), port: 50_000 + portId }, this.now);
  }

  #give(payload: Uint8Array, { port }: Ipv4Endpoint): void {
    const { address, port: serverPort } = this.port.client.remote;
    const portId = port - 50_000;
    if (this.outputs.closedPorts.includes(portId)) return;
    const run = createDatagramRun(payload.slice(), portId);
    pointRunAt(run, 0, payload.length);
    run.sourceAddress = address;
    run.sourcePort = serverPort;
    this.port.handleDatagrams(run, this.now);
  }
}

/** Returns the channel number of what the client sent, or 0. */
export function channelOf(payload: Uint8Array): number {
  return payload[0]! >>> 6 === 1 ? readUint16(payload, 0) : 0;
}
