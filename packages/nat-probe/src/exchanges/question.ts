import {
  buildTeredoLinkLocal,
  type Ipv4Endpoint,
  type Ipv4Value,
  teredoPort,
  teredoServicePrefix,
} from '@navalis/address';
import type { Milliseconds, RandomSource } from '@navalis/engine';
import {
  nonceAuthenticationLength,
  nonceLength,
  readRouterAdvertisement,
  routerSolicitationLength,
  writeNonceAuthentication,
  writeRouterSolicitation,
} from '@navalis/wire';
import { answerTimeoutMs, questionTransmissions } from '../choices.ts';
import type { SendDatagram } from '../options.ts';
import { Attempt } from './attempt.ts';
import type { Arrival, Exchange } from './exchange.ts';

export interface QuestionParts {
  readonly socket: number;
  readonly local: Ipv4Endpoint;
  /** The address that is asked. */
  readonly server: Ipv4Value;
  /** The address in the prefix that every answer of the server advertises. */
  readonly primary: Ipv4Value;
  readonly send: SendDatagram;
  readonly random: RandomSource;
}

/** Asks one address of a server from one socket where it sees that socket (RFC 4380 sections 5.2.1 and 5.3.2). */
export class Question implements Exchange {
  readonly attempt: Attempt;
  /** The mapped endpoint, once there is an answer. */
  mapped: Ipv4Endpoint | undefined;
  /** An answer with our nonce came that advertises the prefix of another server. */
  isForeign = false;
  readonly #parts: QuestionParts;

  readonly #nonce: Uint8Array = new Uint8Array(nonceLength);

  constructor(parts: QuestionParts, from: Milliseconds) {
    const { socket, local, server, send, random } = parts;
    this.#parts = parts;
    random.fill(this.#nonce);
    const datagram = solicitation(local, this.#nonce);
    this.attempt = new Attempt(() => send(socket, datagram, { address: server, port: teredoPort }), {
      from,
      transmissions: questionTransmissions,
      spacingMs: answerTimeoutMs,
      patienceMs: answerTimeoutMs,
    });
  }

  /** The address of the server that is asked. */
  get asked(): Ipv4Value {
    return this.#parts.server;
  }

  handle({ socket, bytes, layout, from }: Arrival, now: Milliseconds): void {
    if (socket !== this.#parts.socket || from.address !== this.#parts.server || from.port !== teredoPort) return;
    // The port is 0 without an origin indication, too.
    if (layout.originPort === 0 || !layout.hasNonce(bytes, this.#nonce)) return;
    const advertisement = readRouterAdvertisement(bytes, layout.packetOffset);
    if (advertisement === undefined) return;
    const prefix = advertisement.prefixes[0]?.prefix;
    if (prefix?.word0 !== teredoServicePrefix || prefix.word1 !== this.#parts.primary) {
      this.isForeign = true;
      return;
    }
    this.mapped = { address: layout.originAddress, port: layout.originPort };
    this.attempt.succeed(now);
  }
}

function solicitation(local: Ipv4Endpoint, nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(nonceAuthenticationLength + routerSolicitationLength);
  const start = writeNonceAuthentication(bytes, 0, nonce);
  writeRouterSolicitation(bytes, start, buildTeredoLinkLocal(0, local));
  return bytes;
}
