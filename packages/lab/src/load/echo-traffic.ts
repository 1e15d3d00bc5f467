import { randomInt } from 'node:crypto';
import { type Ipv6Value, readIpv6 } from '@navalis/address';
import { createPacketRun, type Milliseconds, type PacketRun, pointRunAt } from '@navalis/engine';
import { destinationOffset, isEchoReply, isEchoRequest, writeEchoReplyInPlace } from '@navalis/wire';
import type { Crowd } from './crowd.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import type { LoadClient } from './load-client.ts';
import { EchoPackets } from './requests/echo-packets.ts';
import { Exchanges } from './requests/exchanges.ts';
import { Flows, flowStates } from './requests/flows.ts';
import { Histogram } from './requests/quantiles.ts';
import { RequestPace } from './requests/request-pace.ts';
import type { LoadSettings } from './settings.ts';

/** The mark of a request that opens a contact: it does not count as traffic. */
const opening = 0xffff_ffff;

/** The wait for the first answer doubles from request to request between these. */
const firstWaitMs = 1_000;
const longestWaitMs = 8_000;

/** How long until a contact is tried again whose ends have no address. */
const notReadyMs = 500;

/** Requests that may leave in one turn, so that answers do not wait for long. */
const requestsPerTurn = 256;

/** Requests of others that may wait for their answer: as many as one socket takes in a turn. */
const waitingRequests = 64;
const longestPacketOctets = 1280;

/** Opens contacts between clients and to native hosts by echo requests, keeps them busy, and answers requests of others. */
export class EchoTraffic {
  readonly flows: Flows;
  readonly exchanges: Exchanges;
  readonly openingTimes: Histogram = new Histogram();
  readonly #settings: LoadSettings;
  readonly #hosts: readonly Ipv6Value[];
  readonly #packets: EchoPackets;
  readonly #openings: DeadlineQueue;
  /** When the next contact may be opened. */
  #nextOpeningAt: Milliseconds = 0;
  /** The contacts that are open. */
  readonly #open: number[] = [];
  #nextOpen = 0;
  readonly #pace: RequestPace = new RequestPace();
  readonly #waiting: Uint8Array = new Uint8Array(waitingRequests * longestPacketOctets);
  readonly #waitingOctets: number[] = [];
  readonly #reply: PacketRun = createPacketRun(this.#waiting);

  constructor(settings: LoadSettings, hosts: readonly Ipv6Value[], now: Milliseconds) {
    this.#settings = settings;
    this.#hosts = hosts;
    this.flows = new Flows(settings);
    this.exchanges = new Exchanges(this.flows, now);
    this.#openings = new DeadlineQueue(this.flows.count);
    this.#packets = new EchoPackets(settings.packetOctets, randomInt(2 ** 32));
    this.setRate(settings.rate, now);
  }

  setRate(perSecond: number, now: Milliseconds): void {
    this.#pace.set(perSecond, now);
  }

  /** A client has its first address: its contacts are opened, in turn with those of others. */
  ready({ number }: LoadClient, now: Milliseconds): void {
    const { perClient } = this.flows;
    for (let flow = number * perClient; flow < (number + 1) * perClient; flow++) {
      this.#nextOpeningAt = Math.max(now, this.#nextOpeningAt + 1_000 / this.#settings.contactsPerSecond);
      this.#openings.set(flow, this.#nextOpeningAt);
    }
  }

  nextDeadline(): Milliseconds {
    if (this.#open.length === 0) return this.#openings.earliest;
    return Math.min(this.#openings.earliest, this.#pace.nextAt);
  }

  /** Sends what is due. */
  handleDeadline(crowd: Crowd): void {
    const { now } = crowd;
    this.exchanges.judge(now);
    for (let left = requestsPerTurn; left > 0 && this.#openings.earliest <= now; left--) {
      this.#askFirst(this.#openings.first, crowd);
    }
    const due = this.#pace.due(now);
    if (due <= 0) return;
    if (this.#open.length === 0) {
      this.#pace.count(due);
      return;
    }
    // A generator that is a second late leaves requests out.
    const given = Math.max(0, due - Math.max(this.#pace.perSecond, requestsPerTurn));
    this.exchanges.unsent += given;
    this.#pace.count(given);
    for (let left = Math.min(due, requestsPerTurn); left > 0; left--) this.#ask(crowd);
  }

  /** Takes packets for the host of a client: answers to requests, and requests. */
  delivered(
    { memory, offset, packetLength, lastPacketLength, count, headerStride }: PacketRun,
    now: Milliseconds,
  ): void {
    for (let packet = 0; packet < count; packet++) {
      const at = offset + packet * headerStride;
      if (isEchoReply(memory, at)) this.#answered(memory, at, now);
      else if (isEchoRequest(memory, at))
        this.#keep(memory, at, packet === count - 1 ? lastPacketLength : packetLength);
    }
  }

  /** Sends the answers of a client to the requests that waited. Its engine must not be in a call. */
  answer(client: LoadClient, crowd: Crowd): void {
    for (const [place, octets] of this.#waitingOctets.entries()) {
      const at = place * longestPacketOctets;
      writeEchoReplyInPlace(this.#waiting, at, readIpv6(this.#waiting, at + destinationOffset));
      pointRunAt(this.#reply, at, octets);
      crowd.take(client, this.#reply);
    }
    this.#waitingOctets.length = 0;
  }

  #keep(memory: Uint8Array, at: number, octets: number): void {
    const place = this.#waitingOctets.length;
    if (place === waitingRequests || octets > longestPacketOctets) return;
    this.#waiting.set(memory.subarray(at, at + octets), place * longestPacketOctets);
    this.#waitingOctets.push(octets);
  }

  #answered(memory: Uint8Array, at: number, now: Milliseconds): void {
    const mark = this.#packets.markOf(memory, at);
    if (mark === undefined || mark.flow >= this.flows.count) return;
    if (mark.sequence === opening) this.#opened(mark.flow, now);
    else this.exchanges.answered(mark, now);
  }

  #opened(flow: number, now: Milliseconds): void {
    const { state, firstAskedAt } = this.flows;
    if (state[flow] !== flowStates.asked) return;
    state[flow] = flowStates.open;
    this.openingTimes.add(now - firstAskedAt[flow]!);
    this.#openings.set(flow, Number.POSITIVE_INFINITY);
    this.#open.push(flow);
  }

  #askFirst(flow: number, crowd: Crowd): void {
    const { now } = crowd;
    const { state, attempts, firstAskedAt } = this.flows;
    if (!this.#send(flow, opening, crowd)) {
      this.#openings.set(flow, now + notReadyMs);
      return;
    }
    if (state[flow] === flowStates.waiting) {
      state[flow] = flowStates.asked;
      firstAskedAt[flow] = now;
    }
    this.#openings.set(flow, now + Math.min(longestWaitMs, firstWaitMs * 2 ** attempts[flow]!));
    attempts[flow] = Math.min(attempts[flow]! + 1, 8);
  }

  /** Sends a request over the next contact that is open. */
  #ask(crowd: Crowd): void {
    this.#pace.count();
    const flow = this.#open[this.#nextOpen % this.#open.length]!;
    this.#nextOpen = (this.#nextOpen + 1) % this.#open.length;
    const sequence = this.exchanges.ask(flow, crowd.now);
    if (sequence !== undefined) this.#send(flow, sequence % 2 ** 32, crowd);
  }

  /** Returns false if one of the ends has had no address so far. */
  #send(flow: number, sequence: number, crowd: Crowd): boolean {
    const client = crowd.clients[this.flows.clientOf(flow)];
    const peer = this.flows.peerOf(flow);
    const destination = peer === undefined ? this.#hosts[this.flows.hostOf(flow)] : crowd.clients[peer]?.address;
    if (client?.address === undefined || destination === undefined) return false;
    this.#packets.write(client.address, destination, { flow, sequence });
    crowd.take(client, this.#packets.request);
    return true;
  }
}
