import type { Ipv4Endpoint, Ipv4Value, Ipv6Value } from '@navalis/address';
import {
  type ClientStatus,
  type CounterSnapshot,
  Counters,
  type DatagramRun,
  type DeadlineReason,
  type DropReason,
  type Milliseconds,
  type PacketRun,
  type PathsStatus,
  type PeerRows,
  peerPathKinds,
  type RandomSource,
} from '@navalis/engine';
import type { TeredoServer } from '@navalis/qualification';
import {
  RelayedPort,
  type RelayedRole,
  type RelayOutputs,
  type TurnOptions,
  type TurnServer,
  type TurnState,
} from '@navalis/turn';
import { type ClientEngine, createClientEngine } from '../client-engine.ts';
import type { LocalLink } from '../local-link/local-discovery.ts';
import { type ClientOptions, extensionsOf } from '../options.ts';
import { kindThroughTurn, RelayedPeerRows } from './relayed-peer-rows.ts';

export interface RelayedOptions extends TurnOptions {
  /** Whether peers that prove to be reachable without the server are reached so. It shows them the address of this host's NAT (TU-23). */
  readonly upgradesPaths: boolean;
}

/**
 * A Teredo client whose service port is an allocation on a TURN server (TU-15). It qualifies through the allocation, so that its
 * address embeds the relayed endpoint, and peers, relays and servers see an ordinary restricted NAT.
 * @throws NavalisError with code `configuration` when no client can work with the options.
 */
export function createRelayedClientEngine(
  options: ClientOptions,
  turn: RelayedOptions,
  outputs: RelayOutputs,
  random: RandomSource,
): ClientEngine {
  return new RelayedClient(options, turn, outputs, random);
}

class RelayedClient implements ClientEngine, RelayedRole {
  readonly #port: RelayedPort;
  readonly #client: ClientEngine;
  /** The counters of the port; the client has its own. */
  readonly #counters: Counters = new Counters();
  /** Whether the client was started, which needs the first allocation. */
  #isStarted = false;
  #startedAt: Milliseconds = 0;
  #localAddress: Ipv4Value | undefined;

  constructor(options: ClientOptions, turn: RelayedOptions, outputs: RelayOutputs, random: RandomSource) {
    const { policy } = options;
    const { primary, secondary } = options.servers[0]!;
    const counters = this.#counters;
    const permitted = [primary, secondary];
    this.#port = new RelayedPort({ ...turn, permitted, policy, random, counters, outputs, role: this });
    this.#client = createClientEngine(
      {
        ...options,
        // All clients of one TURN server share its address, and are not behind one NAT for that.
        extensions: { ...extensionsOf(options), hairpinning: false },
        // The allocation is neither a NAT whose mappings end early nor a port that the client could exchange.
        determinesRefreshInterval: false,
        keepsPort: true,
        unreachable: [],
        relayed: turn.upgradesPaths ? 'upgradable' : 'always',
      },
      this.#port,
      random,
    );
  }

  start(now: Milliseconds): void {
    this.#startedAt = now;
    this.#port.start(now);
  }

  stop(now: Milliseconds): void {
    this.#client.stop(now);
    this.#port.stop();
    this.#isStarted = false;
  }

  receive(run: DatagramRun, now: Milliseconds): void {
    if (this.#isStarted) this.#client.handleDatagrams(run, now);
    else this.#counters.drop('not-qualified', run.count);
  }

  allocated(_relayed: Ipv4Endpoint, now: Milliseconds): void {
    // Before the start it only learns where its datagrams leave from.
    this.#client.networkChanged(now, this.#localAddress);
    if (!this.#isStarted) this.#client.start(now);
    this.#isStarted = true;
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    this.#port.handleDatagrams(run, now);
  }

  handlePackets(run: PacketRun, now: Milliseconds): void {
    this.#port.setTime(now);
    this.#client.handlePackets(run, now);
  }

  handleDeadline(now: Milliseconds): void {
    this.#port.handleDeadline(now);
    this.#client.handleDeadline(now);
  }

  nextDeadline(): Milliseconds {
    return Math.min(this.#port.nextDeadline(), this.#client.nextDeadline());
  }

  deadlineReason(): DeadlineReason | undefined {
    return this.#port.nextDeadline() < this.#client.nextDeadline() ? 'turn' : this.#client.deadlineReason();
  }

  /** The allocation is asked for first: the server knows whether it still leads to this host. */
  networkChanged(now: Milliseconds, localAddress?: Ipv4Value): void {
    this.#localAddress = localAddress;
    this.#port.client.networkChanged(now);
  }

  /** No router of this host forwards to the allocation. */
  portMapped(): void {}

  replaceLocalLink(link: LocalLink | undefined, now: Milliseconds): void {
    this.#client.replaceLocalLink(link, now);
  }

  /** Routes to Teredo servers concern the TURN server, not this host. */
  replaceUnreachable(): void {}

  resumed(sleptMs: Milliseconds, now: Milliseconds): void {
    this.#port.setTime(now);
    if (this.#isStarted) this.#client.resumed(sleptMs, now);
    this.#port.client.networkChanged(now);
  }

  replaceTurnServers(servers: readonly TurnServer[]): void {
    this.#port.client.replaceServers(servers);
  }

  replaceServers(servers: readonly TeredoServer[], now: Milliseconds): void {
    this.#port.setTime(now);
    this.#client.replaceServers(servers, now);
  }

  get peerRows(): PeerRows {
    return new RelayedPeerRows(this.#client.peerRows!);
  }

  get address(): Ipv6Value | undefined {
    return this.#client.address;
  }

  status(): ClientStatus {
    const { server, relayed, failure, state: turnState } = this.#port.client;
    const status = this.#client.status();
    const isOfClient = this.#isStarted || turnState === 'stopped';
    const { state, since } = isOfClient ? status : this.#statusBeforeStart(turnState);
    const turn = { server: server.endpoint, transport: server.transport, relayed, failure };
    const counters = withDrops(status.counters, this.#counters);
    const paths = status.paths && throughTurn(status.paths);
    const isUnavailable = failure !== undefined && state !== 'qualified' && state !== 'stopped';
    const offlineReason = isUnavailable ? 'turn-unavailable' : status.offlineReason;
    return { ...status, state, since, ...(paths && { paths }), counters, turn, offlineReason };
  }

  /** Returns the state while the first allocation since the start is asked for. */
  #statusBeforeStart(turnState: TurnState): Pick<ClientStatus, 'state' | 'since'> {
    return { state: turnState === 'waiting' ? 'off-line' : 'starting', since: this.#startedAt };
  }
}

/** Returns the paths as they are outside the client: all lead through the TURN server, but those from another port and on this link. */
function throughTurn({ counts, recent }: PathsStatus): PathsStatus {
  const none = Object.fromEntries(peerPathKinds.map((kind) => [kind, 0])) as PathsStatus['counts'];
  const { 'local-link': onLink, 'turn-direct': upgraded } = counts;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    counts: { ...none, 'local-link': onLink, 'turn-direct': upgraded, turn: all - onLink - upgraded },
    recent: recent.map((path) => ({ ...path, kind: kindThroughTurn(path.kind) })),
  };
}

/** Returns the counts of the client with the drops of its port. */
function withDrops(counts: CounterSnapshot, port: Counters): CounterSnapshot {
  const drops = { ...counts.drops };
  for (const [reason, count] of Object.entries(port.snapshot().drops) as [DropReason, number][]) {
    drops[reason] = (drops[reason] ?? 0) + count;
  }
  return { ...counts, drops };
}
