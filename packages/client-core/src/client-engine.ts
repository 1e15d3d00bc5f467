import { type Ipv4Endpoint, type Ipv4Value, Ipv6Policy, type Ipv6Value, teredoServicePrefix } from '@navalis/address';
import {
  type ClientStatus,
  Counters,
  type DatagramRun,
  type DeadlineReason,
  Deadlines,
  type Engine,
  type EngineEvent,
  type EngineLife,
  type EngineOutputs,
  Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  type PeerRows,
  type PortId,
  type RandomSource,
  SendGate,
} from '@navalis/engine';
import {
  connectivityStatus,
  type DeterminationOutputs,
  IntervalDetermination,
  Qualification,
  type QualificationOutputs,
  type TeredoServer,
} from '@navalis/qualification';
import { noPathsStatus } from '@navalis/traversal';
import type { TurnServer } from '@navalis/turn';
import { type ContactParts, Contacts } from './contacts.ts';
import { type ContactsCreator, ContactsOnDemand } from './contacts-on-demand.ts';
import type { LocalLink } from './local-link/local-discovery.ts';
import { type ClientOptions, checkOptions, extensionsOf } from './options.ts';
import { OwnAddress } from './own-address.ts';
import { ClientPorts } from './ports/client-ports.ts';
import { OwnEndpoints } from './ports/own-endpoints.ts';
import { Reception } from './reception.ts';
import { RefreshStart } from './refresh-start.ts';
import { Transmission } from './transmission.ts';

/** The client as the data plane runs it. */
export interface ClientEngine extends Engine, EngineLife<ClientStatus> {
  /** The Teredo address, as in `status`, for one who asks often; undefined while there is none. */
  readonly address: Ipv6Value | undefined;
  /**
   * Local addresses or routes changed, and datagrams leave from `localAddress` now: an off-line client tries again at once,
   * a qualified one checks its mapping.
   */
  networkChanged(now: Milliseconds, localAddress?: Ipv4Value): void;
  /**
   * A router forwards this outer endpoint to the service port, or none does any more (RFC 6081 5.3.3, 5.6.3). Told before `start`
   * where the answer is known by then, and whenever it changes.
   */
  portMapped(mapping: Ipv4Endpoint | undefined, now: Milliseconds): void;
  /** Sets the link for local peer discovery (RFC 4380 5.2.8); undefined: none. */
  replaceLocalLink(link: LocalLink | undefined, now: Milliseconds): void;
  /** Primary addresses of servers that this host has no route to. Told before `networkChanged` and `replaceServers`. */
  replaceUnreachable(servers: readonly Ipv4Value[]): void;
  /** The host slept, while the clock of `now` may have stood still: all peers are forgotten, the mapping is checked. */
  resumed(sleptMs: Milliseconds, now: Milliseconds): void;
  /** Names of TURN servers resolve to other addresses now. An allocation stays while its server keeps it. */
  replaceTurnServers(servers: readonly TurnServer[]): void;
  /** Names resolve to other addresses now. The address stays if its server is still among them. */
  replaceServers(servers: readonly TeredoServer[], now: Milliseconds): void;
}

/**
 * A Teredo client (RFC 4380 5.2 with RFC 5991) on one service port.
 * @throws NavalisError with code `configuration` when no client can work with the options.
 */
export function createClientEngine(options: ClientOptions, outputs: EngineOutputs, random: RandomSource): ClientEngine {
  checkOptions(options);
  return new Client(options, outputs, random);
}

class Client implements ClientEngine, ContactsCreator, QualificationOutputs {
  readonly #outputs: EngineOutputs;
  readonly #counters: Counters = new Counters();
  readonly #own: OwnAddress;
  readonly #peers: ContactsOnDemand;
  readonly #qualification: Qualification;
  /** Created with the first packet of the host. */
  #transmission: Transmission | undefined;
  readonly #reception: Reception;
  /** Undefined while nothing but qualification waits. */
  #deadlines: Deadlines<DeadlineReason> | undefined;
  /** Undefined unless the interval is determined. */
  readonly #refreshStart: RefreshStart | undefined;
  readonly #options: ClientOptions;
  /** Created with the first packet of the host, or to or from a peer. */
  #contactParts: ContactParts | undefined;
  readonly #random: RandomSource;
  readonly #gate: SendGate;
  readonly #ports: ClientPorts;
  /** Set once the client has its first address, if determination is enabled and a port is available. */
  #determination: IntervalDetermination | undefined;
  readonly #endpoints: OwnEndpoints;
  #startedAt: Milliseconds | undefined;
  #stoppedAt: Milliseconds | undefined;

  constructor(options: ClientOptions, outputs: EngineOutputs, random: RandomSource) {
    const peers = new ContactsOnDemand(this);
    const counters = this.#counters;
    // One object for the client and its qualification. With the copy at the end all clients share the layout of theirs.
    const all = { acceptsSymmetricNat: extensionsOf(options).symmetricNatSupport, witness: peers, ...options };
    this.#outputs = outputs;
    this.#options = all;
    this.#random = random;
    this.#peers = peers;
    this.#gate = new SendGate(outputs, options.policy, counters);
    this.#ports = new ClientPorts(outputs, counters, options.discoveryPortId);
    this.#own = new OwnAddress(options.servers[0]!.primary);
    this.#endpoints = new OwnEndpoints(options.policy, options.local);
    this.#qualification = new Qualification(all, this, counters, random);
    if (options.determinesRefreshInterval === true) {
      this.#deadlines = this.#listDeadlines(undefined);
      this.#refreshStart = new RefreshStart(this.#qualification.refreshIntervalMs);
    }
    const received = { own: this.#own, peers, qualification: this.#qualification, ports: this.#ports };
    this.#reception = new Reception(received, outputs, counters);
  }

  start(now: Milliseconds): void {
    this.#startedAt = now;
    this.#stoppedAt = undefined;
    this.#outputs.report({ kind: 'started' });
    if (this.#options.relayed === 'upgradable' && extensionsOf(this.#options).symmetricNatSupport)
      this.#ports.openPlain();
    this.#peers.existing?.traversal.randomPorts?.start(now);
    // Looks for peers before there is a packet.
    if (this.#options.localDiscovery !== undefined) this.#peers.obtain(now);
    this.#qualification.start(now);
  }

  stop(now: Milliseconds): void {
    this.#qualification.stop(now);
    this.#peers.existing?.traversal.randomPorts?.stop();
    this.#ports.closePlain();
    this.#startedAt = undefined;
    this.#stoppedAt = now;
    this.#outputs.report({ kind: 'stopped' });
  }

  networkChanged(now: Milliseconds, localAddress: Ipv4Value = this.#endpoints.local.address): void {
    if (localAddress !== this.#endpoints.local.address) {
      this.#endpoints.local = { ...this.#endpoints.local, address: localAddress };
      this.#outputs.report({ kind: 'local-changed', local: this.#endpoints.local });
    }
    this.#refreshStart?.networkChanged();
    this.#qualification.networkChanged(now, this.#endpoints.local);
    this.#restartDetermination();
  }

  portMapped(mapping: Ipv4Endpoint | undefined): void {
    this.#endpoints.forwarded = mapping;
    this.#followEndpoints();
  }

  replaceUnreachable(servers: readonly Ipv4Value[]): void {
    this.#qualification.unreachable = servers;
  }

  replaceLocalLink(link: LocalLink | undefined, now: Milliseconds): void {
    if (link !== undefined) this.#peers.obtain(now);
    this.#peers.existing?.discovery.replaceLink(link);
  }

  resumed(sleptMs: Milliseconds, now: Milliseconds): void {
    this.#outputs.report({ kind: 'resumed', sleptMs });
    this.#peers.existing?.clear();
    this.#refreshStart?.networkChanged();
    this.#qualification.networkChanged(now);
    this.#restartDetermination();
  }

  /** This client has a port of its host. */
  replaceTurnServers(): void {}

  replaceServers(servers: readonly TeredoServer[], now: Milliseconds): void {
    this.#qualification.replaceServers(servers, now);
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    this.#reception.handle(run, now);
  }

  handlePackets(run: PacketRun, now: Milliseconds): void {
    this.#transmission ??= this.#createTransmission();
    this.#transmission.handle(run, now);
  }

  handleDeadline(now: Milliseconds): void {
    this.#qualification.handleDeadline(now);
    this.#peers.existing?.handleDeadline(now);
    this.#determination?.handleDeadline(now);
  }

  nextDeadline(): Milliseconds {
    return this.#deadlines?.nextDeadline() ?? this.#qualification.nextDeadline();
  }

  deadlineReason(): DeadlineReason | undefined {
    if (this.#deadlines !== undefined) return this.#deadlines.reason();
    return this.nextDeadline() === Number.POSITIVE_INFINITY ? undefined : 'qualification';
  }

  get address(): Ipv6Value | undefined {
    return this.#qualification.assignment?.address;
  }

  get peerRows(): PeerRows {
    return this.#peers;
  }

  status(): ClientStatus {
    const { state, since, server, assignment, isPortPreserving, lastFailure: offlineReason } = this.#qualification;
    const contacts = this.#peers.existing;
    return {
      role: 'client',
      state: this.#stoppedAt === undefined ? connectivityStatus(state) : 'stopped',
      since: this.#stoppedAt ?? since,
      address: assignment?.address,
      server: server.primary,
      mapped: assignment?.mapped,
      nat: offlineReason === 'symmetric' ? 'symmetric' : assignment?.nat,
      refreshIntervalMs: this.#qualification.refreshIntervalMs,
      isPortPreserving,
      offlineReason,
      nativeReachability: contacts?.native.status,
      peers: contacts?.table.count ?? 0,
      paths: contacts?.traversal.pathCounts.status() ?? noPathsStatus,
      counters: this.#counters.snapshot(),
    };
  }

  /** For the qualification. */
  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from?: PortId): void {
    this.#gate.send(run, address, port, from);
  }

  /** For the qualification. */
  report(event: EngineEvent): void {
    if (event.kind === 'address-lost') {
      this.#own.clear();
      this.#peers.existing?.discovery.end();
      this.#peers.existing?.clear();
      this.#refreshStart?.lost(this.#qualification.refreshIntervalMs);
      this.#determination?.abandon();
    }
    if (event.kind === 'address-assigned') {
      const assignment = this.#qualification.assignment!;
      this.#own.set(assignment);
      this.#endpoints.finding = assignment;
      this.#followEndpoints();
      this.#peers.existing?.discovery.begin();
      this.#refreshStart?.assigned(assignment);
      this.#restartDetermination();
    }
    this.#outputs.report(event);
    if (event.kind === 'new-port-wanted') this.#renewServicePort();
  }

  createContacts(now: Milliseconds): Contacts {
    const contacts = new Contacts(this.#partsOfContacts, this.#options);
    const { native, traversal } = contacts;
    native.report = (event) => this.#outputs.report(event);
    // As if they had been there from the start.
    if (this.#startedAt !== undefined) traversal.randomPorts?.start(this.#startedAt, now);
    this.#followEndpoints(contacts);
    this.#deadlines = this.#listDeadlines(contacts);
    return contacts;
  }

  get #partsOfContacts(): ContactParts {
    this.#contactParts ??= this.#collectParts();
    return this.#contactParts;
  }

  #collectParts(): ContactParts {
    const { policy, extraGlobalIpv6: extraGlobal, servicePrefix = teredoServicePrefix } = this.#options;
    const ipv6Policy = new Ipv6Policy({ ipv4: policy, extraGlobal, servicePrefix });
    const counters = this.#counters;
    return {
      addressing: { policy, ipv6Policy, servicePrefix },
      own: this.#own,
      endpoints: this.#endpoints,
      gate: this.#gate,
      errors: new Icmpv6Errors(this.#outputs, counters),
      counters,
      random: this.#random,
      ports: this.#ports,
      solicitFrom: (from, isSecondary, nonce) => this.#qualification.echo.solicit(from, isSecondary, nonce),
    };
  }

  #createTransmission(): Transmission {
    const parts = { ...this.#partsOfContacts, peers: this.#peers, outputs: this.#outputs };
    return new Transmission(parts, this.#options.trustsConeBit ?? false);
  }

  #listDeadlines(contacts: Contacts | undefined): Deadlines<DeadlineReason> {
    return new Deadlines({
      qualification: this.#qualification,
      peers: contacts?.traversal,
      upgrades: contacts?.traversal.upgrader,
      'local-discovery': contacts?.discovery,
      'refresh-interval': this.#options.determinesRefreshInterval
        ? { nextDeadline: () => this.#determination?.nextDeadline() ?? Number.POSITIVE_INFINITY }
        : undefined,
    });
  }

  #followEndpoints(contacts: Contacts | undefined = this.#peers.existing): void {
    if (contacts === undefined) return;
    const { traversal } = contacts;
    traversal.prefersEmbedded = this.#endpoints.isForwardedBySymmetricNat;
    // A port of this host has nothing in common with one that is relayed.
    const isSymmetric = this.#options.relayed === undefined && this.#endpoints.isBehindSymmetricNat;
    traversal.randomPorts?.setNat(isSymmetric, this.#qualification.isPortPreserving === true);
  }

  #renewServicePort(): void {
    const opened = this.#ports.renewService();
    if (opened === undefined) return;
    const { id, port } = opened;
    this.#gate.from = id;
    this.#endpoints.local = { ...this.#endpoints.local, port };
    // A router forwards to the old port.
    this.#endpoints.forwarded = undefined;
    this.#qualification.portChanged(port);
    this.#outputs.report({ kind: 'port-changed', local: this.#endpoints.local });
  }

  /** Opens a second port for it; tries again later if none is available. */
  #createDetermination(refreshStart: RefreshStart): IntervalDetermination | undefined {
    const opened = this.#ports.openSecondary();
    if (opened === undefined) return undefined;
    const gate = this.#gate;
    const secondaryGate = new SendGate(this.#outputs, this.#options.policy, this.#counters);
    secondaryGate.from = opened.id;
    const local = { address: this.#endpoints.local.address, port: opened.port };
    const outputs: DeterminationOutputs = {
      secondaryPort: { sendDatagrams: (run, address, port) => void secondaryGate.send(run, address, port) },
      servicePort: { sendDatagrams: (run, address, port) => void gate.send(run, address, port) },
      found: (refreshIntervalMs) => {
        this.#qualification.refreshIntervalMs = refreshIntervalMs;
      },
      ended: (result) => {
        refreshStart.determined(result.refreshIntervalMs);
        this.#ports.closeSecondary();
        this.#outputs.report({ kind: 'refresh-interval-determined', ...result });
      },
    };
    return new IntervalDetermination({ ...this.#options, local }, outputs, this.#counters, this.#random);
  }

  /** Starts again, because a result is valid only for the NAT on which it was measured. */
  #restartDetermination(): void {
    const refreshStart = this.#refreshStart;
    if (refreshStart === undefined) return;
    const { assignment } = this.#qualification;
    if (this.#determination === undefined && assignment !== undefined) {
      this.#determination = this.#createDetermination(refreshStart);
      this.#reception.determination = this.#determination;
    }
    if (this.#determination === undefined) return;
    const { ms } = refreshStart;
    this.#qualification.refreshIntervalMs = ms;
    if (assignment !== undefined) this.#determination.begin(assignment, ms);
  }
}
