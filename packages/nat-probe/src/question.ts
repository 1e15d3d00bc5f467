import { buildTeredoLinkLocal, type Ipv4Endpoint, type Ipv4Value, teredoPort } from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import {
  type DatagramLayout,
  nonceLength,
  readRouterAdvertisement,
  writeNonceAuthentication,
  writeRouterSolicitation,
} from '@navalis/wire';
import { Attempt } from './attempt.ts';
import { answerTimeoutMs, questionTransmissions } from './choices.ts';
import type { SendDatagram } from './options.ts';

/** Asks one address of a server from one socket where it sees that socket (RFC 4380 sections 5.2.1 and 5.3.2). */
export class Question {
  readonly attempt: Attempt;
  readonly socket: number;
  readonly server: Ipv4Value;
  /** The mapped endpoint, once there is an answer. */
  mapped: Ipv4Endpoint | undefined;
  readonly #nonce: Uint8Array = new Uint8Array(nonceLength);

  constructor(
    socket: number,
    local: Ipv4Endpoint,
    server: Ipv4Value,
    from: Milliseconds,
    send: SendDatagram,
    random: RandomSource,
  ) {
    this.socket = socket;
    this.server = server;
    random.fill(this.#nonce);
    const datagram = solicitation(local, this.#nonce);
    this.attempt = new Attempt(() => send(socket, datagram, { address: server, port: teredoPort }), {
      from,
      transmissions: questionTransmissions,
      spacingMs: answerTimeoutMs,
      patienceMs: answerTimeoutMs,
    });
  }

  /** Takes the datagram if it is the answer. */
  handle(socket: number, bytes: Uint8Array, layout: DatagramLayout, from: Ipv4Endpoint, now: Milliseconds): boolean {
    if (socket !== this.socket || from.address !== this.server || from.port !== teredoPort) return false;
    if (layout.originOffset < 0 || layout.originPort === 0 || !this.#hasNonce(bytes, layout)) return false;
    if (readRouterAdvertisement(bytes, layout.packetOffset) === undefined) return false;
    this.mapped = { address: layout.originAddress, port: layout.originPort };
    this.attempt.succeed(now);
    return true;
  }

  #hasNonce(bytes: Uint8Array, layout: DatagramLayout): boolean {
    if (layout.authenticationOffset < 0) return false;
    return this.#nonce.every((octet, index) => bytes[layout.nonceOffset + index] === octet);
  }
}

function solicitation(local: Ipv4Endpoint, nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(128);
  const start = writeNonceAuthentication(bytes, 0, nonce);
  return bytes.slice(0, start + writeRouterSolicitation(bytes, start, buildTeredoLinkLocal(0, local)));
}
