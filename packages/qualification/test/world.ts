import { type Ipv4Endpoint, Ipv4Policy, type Ipv4Value, parseIpv4, readIpv6, writeUint32 } from '@navalis/address';
import {
  Counters,
  createDatagramRun,
  type DatagramRun,
  type DropReason,
  pointRunAt,
  type RandomSource,
} from '@navalis/engine';
import { RecordingOutputs, type SentDatagram, seededRandom } from '@navalis/engine/testing';
import { DatagramLayout, readDatagram } from '@navalis/wire';
import { Qualification, type QualificationOptions, type TeredoServer } from '../src/index.ts';
import { type AdvertisementParts, advertisementBytes, partsFor, type Solicitation } from './advertisement-bytes.ts';

export function ipv4(text: string): Ipv4Value {
  const value = parseIpv4(text);
  if (value === undefined) throw new Error(`not an IPv4 address: ${text}`);
  return value;
}

export function endpoint(text: string): Ipv4Endpoint {
  const [address, port] = text.split(':');
  return { address: ipv4(address!), port: Number(port) };
}

export const server: TeredoServer = { primary: ipv4('203.0.113.120'), secondary: ipv4('203.0.113.121') };
export const otherServer: TeredoServer = { primary: ipv4('198.51.100.118'), secondary: ipv4('198.51.100.119') };
export const local: Ipv4Endpoint = endpoint('10.0.0.2:49152');
export const mapped: Ipv4Endpoint = endpoint('192.0.2.1:4096');

/** Makes each draw of a share come out as the test says; everything else looks random. */
export class SteadyRandom implements RandomSource {
  /** From 0 to just below 1: where between its bounds an interval lies. */
  share: number;
  readonly #rest = seededRandom(1);

  constructor(share = 0.5) {
    this.share = share;
  }

  fill(target: Uint8Array): void {
    if (target.length === 4) writeUint32(target, 0, this.share * 2 ** 32);
    else this.#rest.fill(target);
  }
}

/** A client's qualification, a virtual clock, and servers that answer as the test says. */
export class World {
  now = 1000;
  readonly outputs: RecordingOutputs = new RecordingOutputs();
  readonly counters: Counters = new Counters();
  readonly qualification: Qualification;
  /** The mapping that the server address sees; undefined: the server is silent. */
  mappingTowards: (address: Ipv4Value) => Ipv4Endpoint | undefined = () => mapped;
  /** Changes a server's answers. */
  alter: (parts: AdvertisementParts, respondent: Ipv4Value) => Partial<AdvertisementParts> = () => ({});
  /** When a peer was last heard. */
  readonly witness: { lastReceptionAt: number } = { lastReceptionAt: Number.NEGATIVE_INFINITY };
  /** When each solicitation left, for where, and what it was. */
  readonly solicitations: {
    readonly at: number;
    readonly address: Ipv4Value;
    readonly port: number;
    readonly datagram: SentDatagram;
  }[] = [];
  readonly drops: (DropReason | undefined)[] = [];
  readonly #layout: DatagramLayout = new DatagramLayout();
  readonly #servers: readonly TeredoServer[];

  constructor(options: Partial<QualificationOptions> = {}, random: number | RandomSource = 1) {
    this.#servers = [server, otherServer, ...(options.servers ?? [])];
    this.qualification = new Qualification(
      {
        servers: [server],
        local,
        policy: new Ipv4Policy({ strictness: 'rfc4380' }),
        witness: this.witness,
        ...options,
      },
      this.outputs,
      this.counters,
      typeof random === 'number' ? seededRandom(random) : random,
    );
  }

  start(): this {
    this.qualification.start(this.now);
    this.settle();
    return this;
  }

  /** Lets `ms` pass, serving every deadline and answering every solicitation at once. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.qualification.nextDeadline() <= end) {
      this.now = Math.max(this.now, this.qualification.nextDeadline());
      this.qualification.handleDeadline(this.now);
      this.settle();
    }
    this.now = end;
  }

  /** Delivers the server's answers to all sent datagrams, and to those that follow. */
  settle(): void {
    for (let sent = this.outputs.takeDatagrams(); sent.length > 0; sent = this.outputs.takeDatagrams()) {
      for (const datagram of sent) {
        this.solicitations.push({ at: this.now, address: datagram.address, port: datagram.port, datagram });
        const seen = this.mappingTowards(datagram.address);
        if (seen !== undefined) this.answer(datagram, seen);
      }
    }
  }

  answer(sent: SentDatagram, seen: Ipv4Endpoint): void {
    this.answerFrom(sent.address, sent, seen);
  }

  /** Delivers an answer in the name of the queried server, from any address. */
  answerFrom(address: Ipv4Value, sent: SentDatagram, seen: Ipv4Endpoint): void {
    const owner = this.#servers.find((each) => Object.values(each).includes(sent.address))!;
    const parts = partsFor(owner.primary, seen, readSolicitation(sent.payload));
    this.receive(advertisementBytes({ ...parts, ...this.alter(parts, sent.address) }), { address, port: 3544 });
  }

  receive(payload: Uint8Array, from: Ipv4Endpoint): DropReason | undefined {
    const run = runOf(payload, from);
    const malformed = readDatagram(run.memory, run.offset, payload.length, this.#layout);
    const reason = malformed ?? this.qualification.handleAdvertisement(run, this.#layout, this.now);
    this.drops.push(reason);
    return reason;
  }

  get kind(): string {
    return this.qualification.state.kind;
  }

  /** Returns the time until the next deadline. */
  get untilDeadline(): number {
    return this.qualification.nextDeadline() - this.now;
  }

  eventKinds(): string[] {
    return this.outputs.events.map((event) => event.kind);
  }
}

/** Returns a run of one datagram. */
export function runOf(payload: Uint8Array, from: Ipv4Endpoint): DatagramRun {
  // Not at the start of the memory, so that a forgotten offset shows.
  const memory = new Uint8Array(payload.length + 7);
  memory.set(payload, 7);
  const run = createDatagramRun(memory);
  run.sourceAddress = from.address;
  run.sourcePort = from.port;
  pointRunAt(run, 7, payload.length);
  return run;
}

/** Nonce and source of a solicitation in the nonce-only form. */
export function readSolicitation(payload: Uint8Array): Solicitation {
  return { nonce: payload.slice(4, 12), source: readIpv6(payload, 13 + 8) };
}
