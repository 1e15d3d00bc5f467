import type { Ipv4Endpoint, Ipv4Policy } from '@navalis/address';
import type { Milliseconds, TurnFailure, TurnTransport } from '@navalis/engine';
import { redirectionLimit } from './choices.ts';
import { pauseAfter } from './failures.ts';

/** A TURN server, and how it is reached. */
export interface TurnServer {
  readonly endpoint: Ipv4Endpoint;
  readonly transport: TurnTransport;
  /** Over TCP and TLS: the adapter of this host that frames the stream. Datagrams go there, and come from there. */
  readonly adapter?: Ipv4Endpoint | undefined;
}

/** Chooses the server for the next allocation: the configured ones in their order, and those that they redirect to. */
export class ServerRotation {
  #servers: readonly TurnServer[];
  readonly #policy: Ipv4Policy;
  #index = 0;
  /** The server in use that is not among the configured ones: the present one redirected to it, or its name has moved. */
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

  /** The present server as events name it. */
  get named(): { readonly server: Ipv4Endpoint; readonly transport: TurnTransport } {
    const { endpoint: server, transport } = this.current;
    return { server, transport };
  }

  /** The endpoint that datagrams for the present server go to. */
  get remote(): Ipv4Endpoint {
    const { adapter, endpoint } = this.current;
    return adapter ?? endpoint;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#redirections = 0;
  }

  /** Replaces the servers. One in use stays until it fails; then, or when none is in use, the first of the new ones is next. */
  replace(servers: readonly TurnServer[], isInUse: boolean): void {
    const { current } = this;
    const index = servers.findIndex((server) => isSameServer(server, current));
    this.#servers = servers;
    this.#alternate = isInUse && index < 0 ? current : undefined;
    // -1 for one in use that is not among them: the first one comes after it.
    this.#index = isInUse ? index : 0;
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

function isSameServer(left: TurnServer, right: TurnServer): boolean {
  const [one, other] = [left.endpoint, right.endpoint];
  return one.address === other.address && one.port === other.port && left.transport === right.transport;
}
