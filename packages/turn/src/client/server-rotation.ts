import type { Ipv4Endpoint, Ipv4Policy } from '@navalis/address';
import type { Milliseconds, TurnFailure, TurnTransport } from '@navalis/engine';
import { redirectionLimit } from './choices.ts';
import { pauseAfter } from './failures.ts';

/** A TURN server, and how it is reached. Over TCP and TLS the endpoint is that of the adapter that frames the stream. */
export interface TurnServer {
  readonly endpoint: Ipv4Endpoint;
  readonly transport: TurnTransport;
}

/** Chooses the server for the next allocation: the configured ones in their order, and those that they redirect to. */
export class ServerRotation {
  readonly #servers: readonly TurnServer[];
  readonly #policy: Ipv4Policy;
  #index = 0;
  /** The server that the present one redirected to. */
  #alternate: TurnServer | undefined;
  #redirections = 0;
  #failures = 0;

  constructor(servers: readonly TurnServer[], policy: Ipv4Policy) {
    this.#servers = servers;
    this.#policy = policy;
  }

  get current(): TurnServer {
    return this.#alternate ?? this.#servers[this.#index]!;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#redirections = 0;
  }

  /** Goes on with the next server; returns how long to wait before that, which is 0 but after the last one. */
  failed(failure: TurnFailure): Milliseconds {
    const { length } = this.#servers;
    this.#alternate = undefined;
    this.#redirections = 0;
    this.#failures++;
    this.#index = (this.#index + 1) % length;
    return this.#index === 0 ? pauseAfter(failure, Math.ceil(this.#failures / length)) : 0;
  }

  /** Follows a redirection (RFC 8489 section 10); false when it leads nowhere. Streams have an adapter for one server only. */
  redirect(alternate: Ipv4Endpoint): boolean {
    const { address, port } = alternate;
    if (port <= 0 || !this.#policy.isGlobalUnicast(address)) return false;
    if (this.current.transport !== 'udp' || this.#redirections >= redirectionLimit) return false;
    this.#redirections++;
    this.#alternate = { endpoint: { address, port }, transport: 'udp' };
    return true;
  }
}
