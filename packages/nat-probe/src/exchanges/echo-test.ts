import {
  classifyIpv6,
  type Ipv4Endpoint,
  type Ipv4Policy,
  type Ipv4Value,
  type Ipv6Value,
  ipv6EqualsAt,
  readIpv6,
  teredoPort,
} from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import {
  BubbleTrailers,
  bubbleLength,
  destinationOffset,
  echoDataLength,
  echoDataOffset,
  isBubble,
  isEchoReply,
  maximumTrailersLength,
  sourceOffset,
  writeBubble,
  writeEchoRequest,
  writeNonceTrailer,
} from '@navalis/wire';
import { echoNonceLength, echoPatienceMs, echoSpacingMs, echoTransmissions, relayAnswers } from '../choices.ts';
import type { SendDatagram } from '../options.ts';
import { Attempt } from './attempt.ts';
import type { Arrival, Exchange } from './exchange.ts';

export interface EchoTestParts {
  readonly socket: number;
  /** The Teredo address of the socket. */
  readonly own: Ipv6Value;
  readonly target: Ipv6Value;
  /** The server, or the relay. */
  readonly to: Ipv4Endpoint;
  readonly server: Ipv4Value;
  readonly policy: Ipv4Policy;
  /** Octets of the request's data, at least those of the nonce. */
  readonly dataLength?: number;
  readonly send: SendDatagram;
  readonly random: RandomSource;
}

/**
 * An echo to a native host as a client sends it (RFC 4380 section 5.2.9): the request goes through the server, the reply
 * to the nearest relay. The relay asks for us by a bubble through the server, is answered straight, and then sends the
 * reply.
 */
export class EchoTest implements Exchange {
  readonly attempt: Attempt;
  /** Whether a relay sent a bubble for this host. */
  hasHeardRelay = false;
  /** Where the reply came from. */
  #relay: Ipv4Endpoint | undefined;
  readonly #parts: EchoTestParts;
  readonly #data: Uint8Array;
  readonly #trailers: BubbleTrailers = new BubbleTrailers();
  #answers = 0;

  constructor(parts: EchoTestParts, from: Milliseconds) {
    const { socket, own, target, to, send, random, dataLength = echoNonceLength } = parts;
    this.#parts = parts;
    this.#data = new Uint8Array(dataLength);
    random.fill(this.#data.subarray(0, echoNonceLength));
    const packet = new Uint8Array(echoDataOffset + dataLength);
    const fields = { source: own, destination: target, identifier: 0x5445, hopLimit: 64, data: this.#data };
    let sequence = 0;
    const transmit = (): void => {
      sequence += 1;
      writeEchoRequest(packet, 0, { ...fields, sequence });
      send(socket, packet, to);
    };
    this.attempt = new Attempt(transmit, {
      from,
      transmissions: echoTransmissions,
      spacingMs: echoSpacingMs,
      patienceMs: echoPatienceMs,
    });
  }

  /** An echo straight to the relay; undefined before the reply told where it is. */
  straight(dataLength: number, from: Milliseconds): EchoTest | undefined {
    return this.#relay && new EchoTest({ ...this.#parts, to: this.#relay, dataLength }, from);
  }

  /** The same echo with more or less data. */
  resized(dataLength: number, from: Milliseconds): EchoTest {
    return new EchoTest({ ...this.#parts, dataLength }, from);
  }

  handle(arrival: Arrival, now: Milliseconds): void {
    const { socket, bytes, layout } = arrival;
    const packet = layout.packetOffset;
    if (socket !== this.#parts.socket || !ipv6EqualsAt(bytes, packet + destinationOffset, this.#parts.own)) return;
    if (isBubble(bytes, packet)) this.#handleBubble(arrival);
    if (!isEchoReply(bytes, packet) || !ipv6EqualsAt(bytes, packet + sourceOffset, this.#parts.target)) return;
    if (echoDataLength(bytes, packet) !== this.#data.length) return;
    if (!this.#data.every((octet, index) => bytes[packet + echoDataOffset + index] === octet)) return;
    this.#relay = arrival.from;
    this.attempt.succeed(now);
  }

  /** A bubble of a relay, through the server and with the relay's endpoint, is answered straight. */
  #handleBubble({ bytes, layout, from }: Arrival): void {
    const { server, policy, socket, own, send } = this.#parts;
    if (from.address !== server || from.port !== teredoPort) return;
    const source = layout.packetOffset + sourceOffset;
    if (classifyIpv6(readIpv6(bytes, source)) === 'teredo') return;
    this.hasHeardRelay = true;
    // Without an origin indication both are 0, and the relay cannot be answered.
    const { originAddress, originPort } = layout;
    if (this.#answers >= relayAnswers || originPort === 0 || !policy.isGlobalUnicast(originAddress)) return;
    this.#answers += 1;
    // The relay knows a client behind a symmetric NAT by its nonce (RFC 6081 5.2).
    this.#trailers.read(bytes, layout.trailersOffset, layout.trailersLength);
    const { nonce } = this.#trailers;
    const answer = new Uint8Array(bubbleLength + maximumTrailersLength);
    writeBubble(answer, 0, own, readIpv6(bytes, source));
    const length = bubbleLength + (nonce === 0 ? 0 : writeNonceTrailer(answer, bubbleLength, nonce));
    send(socket, answer.subarray(0, length), { address: originAddress, port: originPort });
  }
}
