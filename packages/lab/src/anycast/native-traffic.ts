import { randomInt } from 'node:crypto';
import { type Ipv6Value, readIpv6 } from '@navalis/address';
import type { Milliseconds, PacketRun } from '@navalis/engine';
import type { PacketSink } from '@navalis/netio';
import { destinationOffset, isEchoReply, isEchoRequest, sourceOffset, writeEchoReplyInPlace } from '@navalis/wire';
import type { TrafficFigures } from '../load/figures.ts';
import { EchoPackets } from '../load/requests/echo-packets.ts';
import { Exchanges } from '../load/requests/exchanges.ts';
import { Flows, flowStates } from '../load/requests/flows.ts';
import { RequestPace } from '../load/requests/request-pace.ts';

/** Requests that may leave in one turn, so that answers do not wait for long. */
const requestsPerTurn = 64;

/** One direction of a contact: who asks, and who is asked. */
interface Contact {
  readonly source: Ipv6Value;
  readonly destination: Ipv6Value;
}

/**
 * Native hosts that answer echo requests of Teredo clients, and send their own: to each client that they have heard, from the host after
 * the one that the client contacted, so that both directions are contacts of their own.
 */
export class NativeTraffic implements PacketSink {
  readonly #hosts: readonly Ipv6Value[];
  readonly #exchanges: Exchanges;
  readonly #packets: EchoPackets;
  readonly #send: (run: PacketRun) => void;
  /** By the number of the contact, and the numbers by client. */
  readonly #contacts: Contact[] = [];
  readonly #numbers: Map<string, number> = new Map();
  readonly #pace: RequestPace = new RequestPace();
  #next = 0;

  /** `send` gives a packet to the network before it returns. */
  constructor(hosts: readonly Ipv6Value[], clients: number, packetOctets: number, send: (run: PacketRun) => void) {
    this.#hosts = hosts;
    this.#send = send;
    const flows = new Flows({ clients, peers: 0, hosts: ['all'] });
    this.#exchanges = new Exchanges(flows, performance.now());
    this.#packets = new EchoPackets(packetOctets, randomInt(2 ** 32));
  }

  setRate(perSecond: number, now: Milliseconds): void {
    this.#pace.set(perSecond, now);
  }

  reset(now: Milliseconds): void {
    this.#exchanges.reset(now);
  }

  figures(now: Milliseconds): TrafficFigures {
    return this.#exchanges.figures(now);
  }

  handlePackets(run: PacketRun, now: Milliseconds): void {
    const { memory, offset } = run;
    if (isEchoReply(memory, offset)) {
      const mark = this.#packets.markOf(memory, offset);
      if (mark === undefined || mark.flow >= this.#contacts.length) return;
      this.#exchanges.flows.state[mark.flow] = flowStates.open;
      this.#exchanges.answered(mark, now);
    } else if (isEchoRequest(memory, offset)) {
      const host = readIpv6(memory, offset + destinationOffset);
      this.#meet(readIpv6(memory, offset + sourceOffset), host);
      writeEchoReplyInPlace(memory, offset, host);
      this.#send(run);
    }
  }

  nextDeadline(): Milliseconds {
    return this.#contacts.length === 0 ? Number.POSITIVE_INFINITY : this.#pace.nextAt;
  }

  /** Sends what is due, to all contacts in turn. */
  handleDeadline(now: Milliseconds): void {
    this.#exchanges.judge(now);
    const due = this.#pace.due(now);
    if (this.#contacts.length === 0) {
      this.#pace.count(due);
      return;
    }
    for (let left = Math.min(due, requestsPerTurn); left > 0; left--) this.#ask(now);
  }

  #ask(now: Milliseconds): void {
    this.#pace.count();
    const flow = this.#next % this.#contacts.length;
    this.#next = flow + 1;
    const { source, destination } = this.#contacts[flow]!;
    const sequence = this.#exchanges.ask(flow, now);
    if (sequence === undefined) return;
    this.#packets.write(source, destination, { flow, sequence: sequence % 2 ** 32 });
    this.#send(this.#packets.request);
  }

  /** Remembers a client that contacted a host. */
  #meet(client: Ipv6Value, host: Ipv6Value): void {
    const key = `${client.word1},${client.word2},${client.word3}`;
    if (this.#numbers.has(key) || this.#contacts.length === this.#exchanges.flows.count) return;
    this.#numbers.set(key, this.#contacts.length);
    const place = this.#hosts.findIndex(({ word3 }) => word3 === host.word3);
    this.#contacts.push({ source: this.#hosts[(place + 1) % this.#hosts.length]!, destination: client });
  }
}
